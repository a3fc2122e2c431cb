/** Arguments of generated code, by the names under which it knows them. */
export type Names = Readonly<Record<string, unknown>>;

let compiled = 0;

/**
 * What `text` evaluates to; undefined where the host forbids code from strings. A number makes each
 * text unlike any before: for equal texts V8 would share one type feedback.
 */
export function compile(text: string, names: Names): unknown {
  try {
    const head = `'use strict'; /* ${++compiled} */ const { ${Object.keys(names).join(', ')} } = names;`;
    return new Function('names', `${head} return ${text};`)(names);
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}
