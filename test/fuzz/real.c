/*
 * Gives requests to the running kernel, in network namespaces of its own, and writes what comes back.
 * Input: frames of u8 socket, u32 length, bytes. Socket 255 begins a new namespace; 0 is plain, 1 has extended ACKs, 2 strict
 * checks too, 3 extended ACKs that quote no request.
 * Output, for each request: u32 length, then the datagrams of the answer, each with a u32 length; the same for what all groups
 * were told meanwhile.
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

#define LISTENER 4
static int sockets[5] = {-1, -1, -1, -1, -1};
static char part[1 << 18], *body;
static size_t used, room;

static void option(int s, int name, int value)
{
	setsockopt(s, SOL_NETLINK, name, &value, sizeof value);
}
static void opened(int i)
{
	struct sockaddr_nl name = {.nl_family = AF_NETLINK};
	int size = 1 << 22, s;

	if (sockets[i] >= 0)
		close(sockets[i]);
	s = sockets[i] = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	bind(s, (struct sockaddr *)&name, sizeof name);
	if (i >= 1 && i <= 3)
		option(s, NETLINK_EXT_ACK, 1);
	if (i == 2)
		option(s, NETLINK_GET_STRICT_CHK, 1);
	if (i == 3)
		option(s, NETLINK_CAP_ACK, 1);
	for (int group = 1; i == LISTENER && group < 64; group++)
		option(s, NETLINK_ADD_MEMBERSHIP, group);
}
static void add(const void *data, uint32_t length)
{
	if (used + 4 + length > room)
		body = realloc(body, room = (used + 4 + length) * 2);
	memcpy(body + used, &length, 4);
	memcpy(body + used + 4, data, length);
	used += 4 + length;
}
static void collect(int s)
{
	ssize_t got;

	used = 0;
	while ((got = recv(s, part, sizeof part, 0)) >= 0 || errno == ENOBUFS)
		if (got >= 0)
			add(part, got);
	uint32_t all = used;
	fwrite(&all, 4, 1, stdout);
	fwrite(body, 1, used, stdout);
}
static void ask(int s, const char *data, uint32_t length)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

	sendto(s, data, length, 0, (struct sockaddr *)&kernel, sizeof kernel);
	collect(s);
	collect(sockets[LISTENER]);
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
			for (int i = 0; i <= LISTENER; i++)
				opened(i);
		} else
			ask(sockets[head[0] & 3], data, length);
	}
	return 0;
}
