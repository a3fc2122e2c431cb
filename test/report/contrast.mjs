// Runs in a page: the text with the least WCAG contrast to what is painted behind it.

(() => {
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((one) => {
      const part = one / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    if (!element) return 'rgb(255, 255, 255)';
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 0 ? behind(element.parentElement) : color;
  };
  const hasText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim());
  const ratios = [...document.querySelectorAll('body *')]
    .filter((one) => !one.closest('script, svg, [hidden], :disabled') && hasText(one))
    .map((one) => {
      const [a, b] = [luminance(getComputedStyle(one).color), luminance(behind(one))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return { ratio, text: `${one.className} ${one.textContent.slice(0, 30)}` };
    });
  return ratios.reduce((least, one) => (one.ratio < least.ratio ? one : least));
})();
