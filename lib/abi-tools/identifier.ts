/** A name of C for one of C++ or Rust: `geo::box<int>` is `geo_box_int`. */
export function identifier(name: string): string {
  const whole = name.replace(/[^\p{ID_Continue}$]+$/u, '');
  const plain = whole.replaceAll(/[^\p{ID_Continue}$]+/gu, '_');
  return /^[\p{ID_Start}_$]/u.test(plain) ? plain : `_${plain}`;
}
