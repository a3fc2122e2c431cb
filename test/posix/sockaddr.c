#define _GNU_SOURCE
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* "HOST PORT" lines in; out: bytes of the sockaddr, its host and its port as glibc shows them */
int main(void)
{
	char host[128], port[16], text[NI_MAXHOST], service[NI_MAXSERV];
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};

	while (scanf("%127s %15s", host, port) == 2) {
		struct addrinfo *found;

		if (getaddrinfo(host, port, &hints, &found) != 0) {
			printf("refused %s\n", host);
			continue;
		}
		for (socklen_t i = 0; i < found->ai_addrlen; i++)
			printf("%02x", ((unsigned char *)found->ai_addr)[i]);
		getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text),
			    service, sizeof(service), NI_NUMERICHOST | NI_NUMERICSERV);
		printf(" %s %s\n", text, service);
		freeaddrinfo(found);
	}
	return 0;
}
