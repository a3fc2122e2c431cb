/* SPDX-License-Identifier: MIT */
/*
 * A file system of one file, 1 MiB long, whose reads, writes and fsyncs are held until somebody
 * says how they end:
 *
 *	held-file MOUNTPOINT
 *
 * Prints "ready", then a line for each request, "N read|write|fsync OFFSET SIZE", and one when the
 * kernel asks to give it up, "interrupt N". Reads lines: "N 0" lets request N succeed, "N ERRNO"
 * fail; "-1 1" has interrupted requests end with EINTR at once, "-1 0" no longer, and it says
 * "interruptible 1" or "interruptible 0" then. Ends with its input.
 */
#define FUSE_USE_VERSION 312
#include <errno.h>
#include <fuse_lowlevel.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_INODE 2
#define FILE_BYTES (1 << 20)
#define MAX_REQUESTS 1024

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct held {
	fuse_req_t request; /* NULL: answered */
	int is_read, is_write;
	size_t size;
} all[MAX_REQUESTS]; /* under mutex */
static int count, interruptible; /* under mutex */

static void attributes(fuse_ino_t inode, struct stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->st_ino = inode;
	stat->st_nlink = 1;
	stat->st_mode = inode == FILE_INODE ? S_IFREG | 0600 : S_IFDIR | 0700;
	stat->st_size = inode == FILE_INODE ? FILE_BYTES : 0;
}

/* Under mutex. */
static void answer(struct held *one, int error)
{
	static const char letters[FILE_BYTES];
	fuse_req_t request = one->request;

	if (!request)
		return;
	one->request = NULL;
	if (error || !(one->is_read || one->is_write))
		fuse_reply_err(request, error);
	else if (one->is_write)
		fuse_reply_write(request, one->size);
	else
		fuse_reply_buf(request, letters, one->size);
}

static void on_interrupt(fuse_req_t request, void *data)
{
	struct held *one = data;

	(void)request;
	pthread_mutex_lock(&mutex);
	printf("interrupt %d\n", (int)(one - all));
	if (interruptible)
		answer(one, EINTR);
	pthread_mutex_unlock(&mutex);
}

static void hold(fuse_req_t request, const char *name, off_t offset, size_t size)
{
	struct held *one;

	pthread_mutex_lock(&mutex);
	if (count == MAX_REQUESTS)
		abort();
	one = &all[count];
	*one = (struct held){request, !strcmp(name, "read"), !strcmp(name, "write"), size};
	printf("%d %s %lld %zu\n", count++, name, (long long)offset, size);
	pthread_mutex_unlock(&mutex);
	fuse_req_interrupt_func(request, on_interrupt, one);
}

static void op_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = {.ino = FILE_INODE};

	attributes(FILE_INODE, &entry.attr);
	if (parent == FUSE_ROOT_ID && !strcmp(name, "file"))
		fuse_reply_entry(request, &entry);
	else
		fuse_reply_err(request, ENOENT);
}

static void op_getattr(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	struct stat stat;

	(void)info;
	attributes(inode, &stat);
	fuse_reply_attr(request, &stat, 0);
}

/* No page cache: each read and write of a program is a request. Writes come one by one. */
static void op_open(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info)
{
	(void)inode;
	info->direct_io = 1;
	fuse_reply_open(request, info);
}

static void op_read(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset,
		    struct fuse_file_info *info)
{
	(void)inode, (void)info;
	hold(request, "read", offset, size);
}

static void op_write(fuse_req_t request, fuse_ino_t inode, const char *data, size_t size,
		     off_t offset, struct fuse_file_info *info)
{
	(void)inode, (void)info, (void)data;
	hold(request, "write", offset, size);
}

static void op_fsync(fuse_req_t request, fuse_ino_t inode, int data_only, struct fuse_file_info *info)
{
	(void)inode, (void)info, (void)data_only;
	hold(request, "fsync", 0, 0);
}

static const struct fuse_lowlevel_ops operations = {
	.lookup = op_lookup,
	.getattr = op_getattr,
	.open = op_open,
	.read = op_read,
	.write = op_write,
	.fsync = op_fsync,
};

static void *read_commands(void *session)
{
	int which, error;

	while (scanf("%d %d", &which, &error) == 2) {
		pthread_mutex_lock(&mutex);
		if (which < 0)
			printf("interruptible %d\n", interruptible = error);
		else if (which < count)
			answer(&all[which], error);
		pthread_mutex_unlock(&mutex);
	}
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < count; i++)
		answer(&all[i], EIO);
	pthread_mutex_unlock(&mutex);
	fuse_session_exit(session);
	fuse_session_unmount(session);
	return NULL;
}

int main(int argc, char **argv)
{
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	struct fuse_session *session;
	pthread_t reader;

	if (argc != 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	session = fuse_session_new(&args, &operations, sizeof(operations), NULL);
	if (!session || fuse_session_mount(session, argv[1]))
		return 1;
	puts("ready");
	pthread_create(&reader, NULL, read_commands, session);
	fuse_session_loop(session);
	pthread_join(reader, NULL);
	fuse_session_destroy(session);
	return 0;
}
