/**
 * What a host does with packets, next to a real Linux: each NAME.py of packets/ is a program with the far end of the host's
 * cables in its hand. It says here what it said there (NAME.txt, from `unshare -n python3 NAME.py`): the frames, what was
 * counted, what `ip` shows.
 */
import { saysTheSame } from './programs.ts'

saysTheSame('test/agree/packets/')
