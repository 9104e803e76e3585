/*
 * Gives requests to the running kernel, in network namespaces of its own, and writes what comes back.
 * Input: frames of u8 socket, u32 length, bytes. Socket 255 begins a new namespace; 0 has extended ACKs, 1 strict checks too.
 * Output, for each request: u32 length, then the datagrams, each with a u32 length.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int sockets[2] = {-1, -1};
static char part[1 << 18], *body;
static size_t used, room;

static void opened(int i, int strict)
{
	struct sockaddr_nl name = {.nl_family = AF_NETLINK};
	int one = 1, size = 1 << 21;

	if (sockets[i] >= 0)
		close(sockets[i]);
	sockets[i] = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE);
	setsockopt(sockets[i], SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	bind(sockets[i], (struct sockaddr *)&name, sizeof name);
	setsockopt(sockets[i], SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
	if (strict)
		setsockopt(sockets[i], SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof one);
}
static void add(const void *data, uint32_t length)
{
	if (used + 4 + length > room)
		body = realloc(body, room = (used + 4 + length) * 2);
	memcpy(body + used, &length, 4);
	memcpy(body + used + 4, data, length);
	used += 4 + length;
}
static void ask(int s, const char *data, uint32_t length)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t got;

	used = 0;
	sendto(s, data, length, 0, (struct sockaddr *)&kernel, sizeof kernel);
	while ((got = recv(s, part, sizeof part, 0)) >= 0 || errno == ENOBUFS)
		if (got >= 0)
			add(part, got);
	uint32_t all = used;
	fwrite(&all, 4, 1, stdout);
	fwrite(body, 1, used, stdout);
}
int main(int argc, char **argv)
{
	static char head[5];
	uint32_t length;
	char *data = malloc(1 << 20);

	if (argc == 3 && (!freopen(argv[1], "r", stdin) || !freopen(argv[2], "w", stdout)))
		return 1;
	while (fread(head, 5, 1, stdin) == 1) {
		memcpy(&length, head + 1, 4);
		if (length > 1 << 20 || fread(data, 1, length, stdin) != length)
			return 2;
		if ((unsigned char)head[0] == 255) {
			if (unshare(CLONE_NEWNET))
				return 3;
			opened(0, 0);
			opened(1, 1);
		} else
			ask(sockets[head[0] & 1], data, length);
	}
	return 0;
}
