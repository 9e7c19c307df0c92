package dev.kiln.layercache.registry;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.NoSuchElementException;

import dev.kiln.layercache.registry.Transport.Call;

/**
 * One repository at one registry, and requests to it.
 *
 * @param base scheme, host and port
 * @param name of the repository there
 */
record Endpoint(Transport transport, Failures failures, URI base, String name) {

    /** Host and port of the registry. */
    String registry() {
        return base.getAuthority();
    }

    Call pull(String method, String what, String path) {
        return call(method, what, path, scope("pull"));
    }

    Call push(String method, String what, String path) {
        return call(method, what, path, scope("pull,push"));
    }

    Call call(String method, String what, String path, String scope) {
        return Call.of(what + " of " + this, method, base.resolve("/v2/" + name + "/" + path), scope);
    }

    /** A request about an upload that the registry gave this address. */
    Call at(URI location, String method, String what) {
        return Call.of(what, method, location, scope("pull,push"));
    }

    String scope(String actions) {
        return "repository:" + name + ":" + actions;
    }

    /** Where an upload goes on, by the answer's {@code Location}. */
    URI location(Call call, Answer answer) throws RegistryException {
        try {
            URI location = call.uri().resolve(answer.header("Location").orElseThrow());
            if (location.getHost() != null && call.uri().getScheme().equals(location.getScheme())) {
                return location;
            }
        } catch (IllegalArgumentException | NoSuchElementException _) {
            // Said below.
        }
        throw RegistryException
            .protocol(call.what() + ": the registry " + registry() + " named no place to upload to");
    }

    static URI with(URI location, String parameter, String value) {
        return URI.create(location + (location.getRawQuery() == null ? "?" : "&") + parameter + "="
                + URLEncoder.encode(value, StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return registry() + "/" + name;
    }
}
