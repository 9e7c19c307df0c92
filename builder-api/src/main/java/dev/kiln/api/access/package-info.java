/**
 * Who may do what in the registry: named tokens with rights on repositories, and short-lived tickets for them.
 *
 * <p>A <em>token</em> is a secret that a person or a program was given; only its hash is known here. A <em>ticket</em> is what
 * registry clients get for a token (Docker's "token authentication"): signed by this process, valid for minutes, good for the
 * scopes it names. The <em>farm's token</em> has all rights, and executors use it.
 *
 * <p>Nothing of this logs, or says in an error, what a client presented. May import {@code http}.
 */
@NullMarked
package dev.kiln.api.access;

import org.jspecify.annotations.NullMarked;
