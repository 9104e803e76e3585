/** lib/ctype.c isspace(): of Latin-1, so that a no-break space counts. */
export function ascii_isspace(c: number): boolean {
  return (c >= 9 && c <= 13) || c === 32 || c === 160
}
