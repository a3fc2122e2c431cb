// SPDX-License-Identifier: MIT
/* Reads the bytes of one struct aiocb from its input and prints what a C program sees in them. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <aio.h>
#include <stdio.h>

int main(void)
{
	struct aiocb cb;

	if (fread(&cb, 1, sizeof(cb), stdin) != sizeof(cb) || getchar() != EOF)
		return 1;
	printf("aio_fildes %d\n", cb.aio_fildes);
	printf("aio_lio_opcode %d\n", cb.aio_lio_opcode);
	printf("aio_reqprio %d\n", cb.aio_reqprio);
	printf("aio_buf %p\n", (void *)cb.aio_buf);
	printf("aio_nbytes %zu\n", cb.aio_nbytes);
	printf("aio_offset %lld\n", (long long)cb.aio_offset);
	printf("sigev_notify %d\n", cb.aio_sigevent.sigev_notify);
	printf("sigev_signo %d\n", cb.aio_sigevent.sigev_signo);
	printf("sival_int %d\n", cb.aio_sigevent.sigev_value.sival_int);
	printf("error %d\n", aio_error(&cb));
	printf("return %zd\n", aio_return(&cb));
	return 0;
}
