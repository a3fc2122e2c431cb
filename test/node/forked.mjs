// The other side of the trial of child_process.fork: answers each number with its double.
process.on('message', ({ i }) => process.send({ twice: 2 * i }));
