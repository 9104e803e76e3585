/** net/ipv4/fib_semantics.c */
export class fib_nh {}
export class fib_info {}
