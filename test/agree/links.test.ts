/**
 * What devices upon devices do with frames (bridges, bonds, MAC and IP VLANs, tunnels), next to a real Linux: each NAME.py of
 * links/ is a program with the far end of the host's cables in its hand. It says here what it said there (NAME.txt, from
 * Linux 6.12.117): which frame came out where, with which bytes, and what each device counted.
 */
import { saysTheSame } from './programs.ts'

saysTheSame('test/agree/links/')
