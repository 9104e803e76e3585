/** include/uapi/linux/snmp.h: places of the counters in their arrays. */
export const IPSTATS_MIB_INPKTS = 1
export const IPSTATS_MIB_INOCTETS = 2
export const IPSTATS_MIB_INDELIVERS = 3
export const IPSTATS_MIB_OUTFORWDATAGRAMS = 4
export const IPSTATS_MIB_OUTREQUESTS = 5
export const IPSTATS_MIB_OUTOCTETS = 6
export const IPSTATS_MIB_INHDRERRORS = 7
export const IPSTATS_MIB_INTOOBIGERRORS = 8
export const IPSTATS_MIB_INNOROUTES = 9
export const IPSTATS_MIB_INADDRERRORS = 10
export const IPSTATS_MIB_INUNKNOWNPROTOS = 11
export const IPSTATS_MIB_INTRUNCATEDPKTS = 12
export const IPSTATS_MIB_INDISCARDS = 13
export const IPSTATS_MIB_OUTDISCARDS = 14
export const IPSTATS_MIB_OUTNOROUTES = 15
export const IPSTATS_MIB_REASMTIMEOUT = 16
export const IPSTATS_MIB_REASMREQDS = 17
export const IPSTATS_MIB_REASMOKS = 18
export const IPSTATS_MIB_REASMFAILS = 19
export const IPSTATS_MIB_FRAGOKS = 20
export const IPSTATS_MIB_FRAGFAILS = 21
export const IPSTATS_MIB_FRAGCREATES = 22
export const IPSTATS_MIB_INMCASTPKTS = 23
export const IPSTATS_MIB_OUTMCASTPKTS = 24
export const IPSTATS_MIB_INBCASTPKTS = 25
export const IPSTATS_MIB_OUTBCASTPKTS = 26
export const IPSTATS_MIB_INMCASTOCTETS = 27
export const IPSTATS_MIB_OUTMCASTOCTETS = 28
export const IPSTATS_MIB_INBCASTOCTETS = 29
export const IPSTATS_MIB_OUTBCASTOCTETS = 30
export const IPSTATS_MIB_CSUMERRORS = 31
export const IPSTATS_MIB_NOECTPKTS = 32
export const IPSTATS_MIB_REASM_OVERLAPS = 36
export const IPSTATS_MIB_OUTPKTS = 37
export const IPSTATS_MIB_MAX = 38

export const ICMP6_MIB_INMSGS = 1
export const ICMP6_MIB_INERRORS = 2
export const ICMP6_MIB_OUTMSGS = 3
export const ICMP6_MIB_OUTERRORS = 4
export const ICMP6_MIB_CSUMERRORS = 5
export const ICMP6_MIB_RATELIMITHOST = 6
export const ICMP6_MIB_MAX = 7

export const ICMP_MIB_INMSGS = 1
export const ICMP_MIB_INERRORS = 2
export const ICMP_MIB_OUTMSGS = 3
export const ICMP_MIB_OUTERRORS = 4
export const ICMP_MIB_CSUMERRORS = 28
export const ICMP_MIB_RATELIMITGLOBAL = 29
export const ICMP_MIB_RATELIMITHOST = 30

// UDP and UDP-Lite, of both families
export const UDP_MIB_INDATAGRAMS = 1
export const UDP_MIB_NOPORTS = 2
export const UDP_MIB_INERRORS = 3
export const UDP_MIB_OUTDATAGRAMS = 4
export const UDP_MIB_RCVBUFERRORS = 5
export const UDP_MIB_SNDBUFERRORS = 6
export const UDP_MIB_CSUMERRORS = 7
export const UDP_MIB_IGNOREDMULTI = 8
export const UDP_MIB_MEMERRORS = 9

// TCP, of both families together
export const TCP_MIB_INSEGS = 10
export const TCP_MIB_OUTSEGS = 11
export const TCP_MIB_INERRS = 13
export const TCP_MIB_OUTRSTS = 14
export const TCP_MIB_CSUMERRORS = 15
