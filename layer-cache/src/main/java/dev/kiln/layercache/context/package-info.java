/**
 * The files of a build's context apart from their names: so that of a tree of which most is known already only the rest
 * travels, and so that two trees can be compared without looking at a file.
 *
 * <p>Terms: a <i>listing</i> says of every file its name, mode, time and the digest of its data; a <i>pack</i> is a blob with
 * the data of many files, one after the other; a <i>layout</i> is a listing together with where in which pack the data of
 * each file lies. A layout is what a build's request names by its digest.
 *
 * <p>Everything here comes from users: it is checked when it is read, and what has been read can be relied on.
 *
 * <p>May import {@code oci}, {@code posix} (names), {@code layer} (limits and its exception) and the roles of
 * {@code content}.
 */
@NullMarked
package dev.kiln.layercache.context;

import org.jspecify.annotations.NullMarked;
