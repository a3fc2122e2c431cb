const c =
  'auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while _Alignas _Alignof _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert _Thread_local asm typeof __attribute__';

/** Words that cannot name a member in C. */
export const keywordsOfC: ReadonlySet<string> = new Set(c.split(' '));

/** Its macros that have no `_` in front, of one target or another. */
export const macrosOfGnuC = 'linux unix i386 sparc mips MIPSEB mc68000 mc68020'.split(' ');

const cpp =
  'alignas alignof and and_eq bitand bitor bool catch char8_t char16_t char32_t class co_await co_return co_yield compl concept const_cast consteval constexpr constinit decltype delete dynamic_cast explicit export false friend mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public reinterpret_cast requires static_assert static_cast template this thread_local throw true try typeid typename using virtual wchar_t xor xor_eq';

/** Words that cannot name anything in C++, and can in C. */
export const keywordsOfCpp: ReadonlySet<string> = new Set(cpp.split(' '));

const c23 =
  'alignas alignof bool constexpr false nullptr static_assert thread_local true typeof typeof_unqual';

/** Words that C23 has made keywords. */
export const keywordsOfC23: ReadonlySet<string> = new Set(c23.split(' '));

const ts =
  'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with implements interface let package private protected public static yield await arguments eval async of undefined NaN Infinity Object exports module require __esModule __filename __dirname';

/** Words that cannot name a constant in TypeScript, or in the CommonJS that a loader makes of it. */
export const keywordsOfTypeScript: ReadonlySet<string> = new Set(ts.split(' '));
