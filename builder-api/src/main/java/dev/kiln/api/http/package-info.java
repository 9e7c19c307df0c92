/**
 * HTTP as the features see it: blocking actions over requests and replies, problem documents, streams.
 *
 * <p>A <em>call</em> is one request, a <em>reply</em> what it gets, an <em>action</em> the blocking code between them.
 * Actions run on virtual threads, one for each request; the event loop only moves bytes. Knows no feature and imports
 * nothing of Kiln.
 */
@NullMarked
package dev.kiln.api.http;

import org.jspecify.annotations.NullMarked;
