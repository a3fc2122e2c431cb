/*
 * The half in C of examples/shared-table.ts: writes COUNT measurements into a table that it shares
 * with another process. shared-table FILE COUNT
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROWS 64

struct measurement {
	uint64_t number;
	double value;
	char name[16];
};

struct table {
	_Atomic uint32_t written; /* rows so far: by us */
	_Atomic uint32_t taken;	  /* by the reader */
	struct measurement rows[ROWS];
};

static void write_row(struct table *table, uint32_t number)
{
	struct measurement *row = &table->rows[number % ROWS];
	uint32_t taken;

	/* a row that the reader has not taken stays: sleep until it takes one */
	while (taken = atomic_load(&table->taken), number - taken == ROWS)
		syscall(SYS_futex, &table->taken, FUTEX_WAIT, taken, NULL);
	row->number = number;
	row->value = number / 2.0;
	snprintf(row->name, sizeof(row->name), "sensor %u", number % 3);
	atomic_store(&table->written, number + 1);
	syscall(SYS_futex, &table->written, FUTEX_WAKE, 1);
}

int main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[1], O_RDWR) : -1;
	struct table *table;

	if (fd < 0) {
		fprintf(stderr, "usage: shared-table FILE COUNT, where FILE is there already\n");
		return 2;
	}
	table = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (table == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (uint32_t number = 0; number < (uint32_t)atoi(argv[2]); number++)
		write_row(table, number);
	return 0;
}
