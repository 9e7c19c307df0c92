package dev.kiln.executor.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;

import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.durable.TempFolder;
import dev.kiln.layercache.lease.Stock;

/** Everything that an executor fetches with, in one folder. */
public final class RemoteSources implements AutoCloseable {
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final GitFetcher git;
    private final GitMirrors mirrors;
    private final HttpFetcher http;

    private RemoteSources(Path directory, RemotePolicy policy, ContentStore content, InstantSource clock)
            throws IOException {
        Path folder = Files.createDirectories(directory).toRealPath();
        AddressGuard guard = new AddressGuard(policy);
        TempFolder temp = own(TempFolder.open(folder.resolve("temp")));
        GuardProxy proxy = own(new GuardProxy(guard));
        GitProgram program = new GitProgram(policy.limits());
        mirrors = new GitMirrors(folder.resolve("mirrors"), program, clock);
        git = new GitFetcher(new GitAccess.Ways(guard, proxy, policy, temp, folder.resolve("known_hosts"), program),
                mirrors, folder);
        http = own(new HttpFetcher(new HttpRequests(guard, proxy), content, policy.limits(), folder.resolve("http"),
                temp));
    }

    /** @param directory for this alone; what a crash left in it is removed now */
    public static RemoteSources open(Path directory, RemotePolicy policy, ContentStore content, InstantSource clock)
            throws IOException {
        return new RemoteSources(directory, policy, content, clock);
    }

    private <T extends AutoCloseable> T own(T part) {
        opened.push(part);
        return part;
    }

    public GitFetcher git() {
        return git;
    }

    /** The mirrors of git repositories as what can be collected; to be asked for once. */
    public Stock stock() {
        return mirrors.stock();
    }

    public HttpFetcher http() {
        return http;
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (AutoCloseable part : opened) {
            try {
                part.close();
            } catch (Exception e) {
                failure = failure == null ? new IOException("closing what fetches from remotes failed", e) : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
