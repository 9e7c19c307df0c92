package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import dev.kiln.layercache.layer.TarEntry.Kind;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Files as layers make them, without a disk: simple enough to see that it is right. */
final class FileModel {
    private final Map<String, File> files = new TreeMap<>();

    /** One file, of which several names may be links; a directory has no content. */
    private record File(boolean directory, int mode, String content, Object identity) {}

    /** Deletions first, for they are of what was there before; then the entries in their order. */
    FileModel apply(byte[] layer) throws IOException {
        List<Map.Entry<TarEntry, String>> entries = read(layer);
        Set<String> before = new HashSet<>(files.keySet());
        for (Map.Entry<TarEntry, String> entry : entries) {
            String name = entry.getKey().name().toString();
            String own = name.substring(name.lastIndexOf('/') + 1);
            String parent = name.substring(0, name.length() - own.length());
            if (own.equals(".wh..wh..opq")) {
                before.stream().filter(path -> path.startsWith(parent)).forEach(files::remove);
            } else if (own.startsWith(".wh.")) {
                remove(parent + own.substring(4));
            }
        }
        for (Map.Entry<TarEntry, String> entry : entries) {
            if (!entry.getKey().name().toString().contains(".wh.")) {
                add(entry.getKey(), entry.getValue());
            } else {
                makeParents(entry.getKey().name().toString());
            }
        }
        return this;
    }

    private void add(TarEntry entry, String content) {
        String name = entry.name().toString();
        makeParents(name);
        File there = files.get(name);
        switch (entry.kind()) {
            case DIRECTORY -> {
                if (there != null && !there.directory) {
                    remove(name);
                }
                files.put(name, new File(true, entry.attributes().mode(), "", name));
            }
            case HARD_LINK -> {
                File target = files.get(entry.link().toString());
                remove(name);
                files.put(name, target);
            }
            default -> {
                remove(name);
                files.put(name, new File(false, entry.attributes().mode(), content, new Object()));
            }
        }
    }

    private void makeParents(String name) {
        for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
            String parent = name.substring(0, slash);
            File there = files.get(parent);
            if (there == null || !there.directory) {
                files.put(parent, new File(true, 0755, "", parent));
            }
        }
    }

    private void remove(String name) {
        files.remove(name);
        files.keySet().removeIf(path -> path.startsWith(name + "/"));
    }

    /** What there is, links with the names that they share a file with. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        files.forEach((name, file) -> lines.add(name + (file.directory ? "/" : "=" + file.content + " " + names(file))
                + " " + Integer.toOctalString(file.mode)));
        return lines;
    }

    private String names(File file) {
        return files.entrySet()
            .stream()
            .filter(entry -> entry.getValue().identity == file.identity)
            .map(Map.Entry::getKey)
            .collect(Collectors.joining(","));
    }

    String content(String name) {
        return files.get(name).content;
    }

    int mode(String name) {
        return files.get(name).mode;
    }

    /** Adds an entry to a layer under way, unless it would make no sense in it. */
    void entry(TestTar tar, Kind kind, String name, String content, int mode) throws IOException {
        if (isBelowAFile(name)) {
            return;
        }
        if (kind == Kind.DIRECTORY) {
            TarEntry entry = LayerMergeTest.of(kind, name, "", mode);
            tar.entry(entry);
            add(entry, "");
            return;
        }
        TarEntry entry = LayerMergeTest.file(name, content.length(), mode);
        tar.file(entry.name(), content.getBytes(UTF_8), entry.attributes());
        if (name.contains(".wh.")) {
            makeParents(name);
        } else {
            add(entry, content);
        }
    }

    /** Adds a hard link to a file of the layer under way, if there is one. */
    void linkTo(TestTar tar, String name, Random random) throws IOException {
        List<String> targets = files.entrySet()
            .stream()
            .filter(entry -> !entry.getValue().directory && !entry.getKey().equals(name)
                    && !entry.getKey().startsWith(name + "/"))
            .map(Map.Entry::getKey)
            .toList();
        if (targets.isEmpty() || isBelowAFile(name)) {
            return;
        }
        String target = targets.get(random.nextInt(targets.size()));
        TarEntry entry = LayerMergeTest.of(Kind.HARD_LINK, name, target, files.get(target).mode);
        tar.entry(entry);
        add(entry, "");
    }

    private boolean isBelowAFile(String name) {
        for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
            File there = files.get(name.substring(0, slash));
            if (there != null && !there.directory) {
                return true;
            }
        }
        return false;
    }

    private static List<Map.Entry<TarEntry, String>> read(byte[] layer) throws IOException {
        List<Map.Entry<TarEntry, String>> entries = new ArrayList<>();
        try (ArchiveInput in = new ArchiveInput(new ByteArrayInputStream(layer), 1 << 30)) {
            TarReader tar = new TarReader(in, ExtractLimits.LAYER);
            for (Optional<TarEntry> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                ByteArrayOutputStream content = new ByteArrayOutputStream();
                tar.copyContent(new TarReader.ContentSink() {
                    @Override
                    public void data(byte[] bytes, int offset, int length) {
                        content.write(bytes, offset, length);
                    }

                    @Override
                    public void hole(long length) {
                        content.writeBytes(new byte[(int) length]);
                    }
                });
                entries.add(Map.entry(entry.get(), content.toString(UTF_8)));
            }
        }
        return entries;
    }
}
