export interface Page {
  readonly text: string;
  readonly link: string;
}

export const PAGES: readonly { readonly text: string; readonly items: readonly Page[] }[];
export const ENTRIES: readonly string[];
