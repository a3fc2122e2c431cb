/** A button that goes from the system's choice to light, to dark, and back. */
export function themeButton(button: HTMLElement, changed: () => void = () => {}): void {
  const root = document.documentElement;
  const names = { '': 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' } as const;
  const next = { '': 'light', light: 'dark', dark: '' } as const;
  const current = () => (root.dataset.theme ?? '') as keyof typeof names;
  const show = (): void => {
    button.textContent = names[current()];
    button.removeAttribute('aria-label');
  };
  button.addEventListener('click', () => {
    const to = next[current()];
    if (to === '') delete root.dataset.theme;
    else root.dataset.theme = to;
    show();
    changed();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  show();
}
