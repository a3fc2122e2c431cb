/* Reads a pipe that is empty: the call is handed over, and main goes on. */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <syslets/submit.h>
#include <unistd.h>

int main(void)
{
	struct syslet_attach_options how = {0};
	struct syslet_attached attached;
	struct syslet_completion done;
	struct syslet_call_result read;
	struct syslet_ring *ring;
	char text[16] = "";
	int ends[2], error;

	if (pipe(ends) || syslet_ring_create(64, &ring))
		return 1;
	error = syslet_attach(&how, &attached);
	if (error) {
		fprintf(stderr, "attach: %s (%s)\n", strerror(-error), attached.why);
		return 1;
	}
	read = syslet_submit(ring, 42, SYS_read,
			     (const uint64_t[6]){(uint64_t)ends[0], (uint64_t)text, sizeof(text)});
	printf("pending: %ld\n", read.pending);
	write(ends[1], "hello", 5);
	syslet_ring_reap_wait(ring, &done, 1, 0);
	printf("call %lu read %ld bytes: %s\n", done.caller_data, (long)done.status, text);
	syslet_detach();
	syslet_ring_destroy(ring);
	return 0;
}
