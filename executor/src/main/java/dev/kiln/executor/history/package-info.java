/**
 * What earlier results of steps were made of, so that a step that runs can say why.
 *
 * <p>Terms: a <em>record</em> is what one result was made of: the preimage of its op, and what its inputs were. Records
 * of one instruction, as it is written, stand together. A <em>list</em> is the files behind a content key. A <em>shelf</em>
 * is a bounded directory of small files that are written behind the back of whoever gives them: it forgets the oldest, and
 * what a crash or damage takes is only an explanation.
 *
 * <p>May import {@code graph}, {@code solver}, {@code layercache.oci}, {@code layercache.durable},
 * {@code layercache.posix} and {@code queue.event} as far as {@code CacheMiss}.
 */
@NullMarked
package dev.kiln.executor.history;

import org.jspecify.annotations.NullMarked;
