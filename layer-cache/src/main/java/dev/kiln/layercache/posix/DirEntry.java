package dev.kiln.layercache.posix;

/** One name in a directory, and what it is a name of; links are not followed. */
public record DirEntry(RawPath name, FileType type) {}
