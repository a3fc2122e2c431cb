// SPDX-License-Identifier: MIT
/* The values that the headers have for what lib/aio/constants.ts names. */
#define _GNU_SOURCE
#include <aio.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#define PRINT(name) printf("%s %d\n", #name, (int)name)

int main(void)
{
	PRINT(AIO_CANCELED);
	PRINT(AIO_NOTCANCELED);
	PRINT(AIO_ALLDONE);
	PRINT(LIO_READ);
	PRINT(LIO_WRITE);
	PRINT(LIO_NOP);
	PRINT(LIO_WAIT);
	PRINT(LIO_NOWAIT);
	PRINT(SIGEV_SIGNAL);
	PRINT(SIGEV_NONE);
	PRINT(SIGEV_THREAD);
	PRINT(SI_ASYNCIO);
	PRINT(O_DSYNC);
	PRINT(O_SYNC);
	return 0;
}
