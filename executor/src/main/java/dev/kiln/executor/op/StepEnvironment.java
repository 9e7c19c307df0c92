package dev.kiln.executor.op;

import java.util.ArrayList;
import java.util.List;

/** The variables of a step's process, as BuildKit puts them together; there may be secrets among them. */
final class StepEnvironment {
    private static final String DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final String SSH_SOCKET = "SSH_AUTH_SOCK=";

    private final List<String> own;
    private final List<String> secrets = new ArrayList<>();
    private boolean hasSshSocket;

    StepEnvironment(List<String> own) {
        this.own = new ArrayList<>(own);
    }

    /** The first counts. */
    void setSshSocket(String target) {
        if (!hasSshSocket) {
            hasSshSocket = true;
            own.removeIf(variable -> variable.startsWith(SSH_SOCKET));
            own.add(SSH_SOCKET + target);
        }
    }

    /** Stands for what the Dockerfile has under that name. */
    void addSecret(String name, String value) {
        own.removeIf(variable -> variable.startsWith(name + "="));
        secrets.removeIf(variable -> variable.startsWith(name + "="));
        secrets.add(name + "=" + value);
    }

    List<String> with(List<String> proxies) {
        List<String> all = new ArrayList<>(own);
        if (all.stream().noneMatch(variable -> variable.startsWith("PATH="))
                && secrets.stream().noneMatch(variable -> variable.startsWith("PATH="))) {
            all.add(DEFAULT_PATH);
        }
        all.addAll(proxies);
        all.addAll(secrets);
        return all;
    }
}
