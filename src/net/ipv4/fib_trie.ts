/** net/ipv4/fib_trie.c */
export class fib_table {}
