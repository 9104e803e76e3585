/** net/ipv4/fib_rules.c */
export class fib_rule {}
