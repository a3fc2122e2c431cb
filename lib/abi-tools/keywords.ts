const c =
  'auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while _Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local asm typeof __attribute__';

/** Words that cannot name a member in C. */
export const keywordsOfC: ReadonlySet<string> = new Set(c.split(' '));

const ts =
  'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with implements interface let package private protected public static yield await arguments eval async of undefined NaN Infinity Object exports module require __esModule __filename __dirname';

/** Words that cannot name a constant in TypeScript, or in the CommonJS that a loader makes of it. */
export const keywordsOfTypeScript: ReadonlySet<string> = new Set(ts.split(' '));
