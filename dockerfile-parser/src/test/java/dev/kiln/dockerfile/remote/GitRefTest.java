package dev.kiln.dockerfile.remote;

import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.dockerfile.source.DockerfileException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GitRefTest {

    private static GitRef parse(String word) {
        return GitRef.parse(word).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "file.txt", ".git", "./x.git", "../x.git", "./git@host:x.git", "x/y.git",
        "host.test/owner/name.git", "https://host.test/", "https://host.test/name", "https://host.test/name.git/",
        "https://host.test/name.git.bar", "https://host.test/name.git:#branch", "https://host.test/%zz.git",
        "https://host.test:port/name.git", "https://-o.test/name.git", "file:///srv/name.git", "ext::sh -c x",
        "httpx://host.test/name.git", "https:///name.git", "a b@host.test:name", "@host.test:name", "git@:name",
        "git@host.test/name.git", "git@host.test:name?a=%zz", "https://host.test/na\u0000me.git",
        "http://[::1/name.git"})
    void word_otherThanGit_isNone(String word) {
        assertThat(GitRef.parse(word)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            https://host.test/name.git,            HTTPS, https://host.test/name.git,         host.test,      /name.git
            http://host.test/name.git,             HTTP,  http://host.test/name.git,          host.test,      /name.git
            HTTPS://Host.test:8443/a%20b.git,      HTTPS, https://host.test:8443/a%20b.git,   host.test:8443, /a b.git
            git://host.test/name,                  GIT,   git://host.test/name,               host.test,      /name
            ssh://git@host.test:2222/~/n.git,      SSH,   ssh://git@host.test:2222/~/n.git,   host.test:2222, /~/n.git
            ssh://host.test/name,                  SSH,   ssh://host.test/name,               host.test,      /name
            git@host.test:owner/name.git,          SSH,   git@host.test:owner/name.git,       host.test,      owner/name.git
            some-user_1@host.test:/srv/n,          SSH,   some-user_1@host.test:/srv/n,       host.test,      /srv/n
            http://[::1]:81/name.git,              HTTP,  http://[::1]:81/name.git,           [::1]:81,       /name.git
            """)
    void remote_everyForm_isTakenApart(String word, GitRemote.Protocol protocol, String url, String host, String path) {
        GitRemote remote = parse(word).remote();

        assertThat(remote.protocol()).isEqualTo(protocol);
        assertThat(remote.url()).isEqualTo(url);
        assertThat(remote.host()).isEqualTo(host);
        assertThat(remote.path()).isEqualTo(path);
        assertThat(remote.looksLocal()).isFalse();
    }

    @Test
    void remote_shortForm_looksLikeAFile() {
        GitRef ref = parse("github.com/owner/name?tag=v1");

        assertThat(ref.remote().looksLocal()).isTrue();
        assertThat(ref.remote().url()).isEqualTo("https://github.com/owner/name");
        assertThat(ref.ref()).contains("refs/tags/v1");
    }

    @Test
    void remote_credentials_areNotShown() {
        GitRef ref = parse("https://me:pa%73s@host.test/name.git#main:docs");

        assertThat(ref.remote().url()).isEqualTo("https://me:pa%73s@host.test/name.git");
        assertThat(ref.remote()).hasToString("https://xxxxx:xxxxx@host.test/name.git");
        assertThat(ref).hasToString("https://xxxxx:xxxxx@host.test/name.git#main:docs");
        assertThat(parse("https://:secret@host.test/n.git")).hasToString("https://:xxxxx@host.test/n.git");
        assertThat(parse("https://token@host.test/n.git")).hasToString("https://xxxxx@host.test/n.git");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            '',                              -,                 -
            #v1,                             v1,                -
            #release/1.2:a/b,                release/1.2,       a/b
            #:docs,                          -,                 docs
            #main:../../a/./b//c/..,         main,              a/b
            #main:a:b,                       main,              a:b
            #a%20b,                          a b,               -
            ?ref=v1,                         v1,                -
            ?ref=v1&subdir=/docs,            v1,                docs
            ?subdir=docs#v1,                 v1,                docs
            ?subdir=/docs#v1:docs,           v1,                docs
            ?tag=v1,                         refs/tags/v1,      -
            ?tag=refs/tags/v1,               refs/tags/v1,      -
            ?tag=v1#refs/tags/v1,            refs/tags/v1,      -
            ?branch=v1,                      refs/heads/v1,     -
            ?branch=refs/heads/v1,           refs/heads/v1,     -
            ?ref=a+b%2Fc,                    a b/c,             -
            ?ref=v1#v1,                      v1,                -
            ?&ref=v1&,                       v1,                -
            ?ref=v1&broken=%zz,              v1,                -
            """)
    void reference_fragmentAndQuery_sayWhatToTake(String rest, String ref, String subdir) {
        for (String remote : new String[]{"https://host.test/name.git", "git://host.test/n"}) {
            GitRef parsed = parse(remote + rest);

            assertThat(parsed.ref()).isEqualTo(Optional.ofNullable(ref));
            assertThat(parsed.subdir()).isEqualTo(Optional.ofNullable(subdir));
        }
    }

    @Test
    void reference_scpForm_hasFragmentAndQueryToo() {
        GitRef ref = parse("git@host.test:name.git?subdir=/docs&checksum=abc#v1.0%20");

        assertThat(ref.remote().url()).isEqualTo("git@host.test:name.git");
        assertThat(ref.ref()).contains("v1.0%20");
        assertThat(ref.subdir()).contains("docs");
        assertThat(ref.checksum()).contains("abc");
    }

    @Test
    void options_notSaid_areOpen() {
        assertThat(parse("https://host.test/name.git").options()).isEqualTo(GitOptions.NONE);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            keep-git-dir,                  true,  ,      ,         false
            keep-git-dir=,                 true,  ,      ,         false
            keep-git-dir=T,                true,  ,      ,         false
            keep-git-dir=False,            false, ,      ,         false
            submodules,                    ,      true,  ,         false
            submodules=0,                  ,      false, ,         false
            mtime=checkout,                ,      ,      CHECKOUT, false
            mtime=commit,                  ,      ,      COMMIT,   false
            fetch-by-commit,               ,      ,      ,         true
            fetch-by-commit=1,             ,      ,      ,         true
            fetch-by-commit=false,         ,      ,      ,         false
            keep-git-dir&submodules=f&mtime=commit&fetch-by-commit, true, false, COMMIT, true
            """)
    void options_everyKey_isRead(String query, Boolean keepGitDir, Boolean submodules, GitOptions.Mtime mtime,
            boolean fetchByCommit) {
        assertThat(parse("https://host.test/name.git?" + query).options()).isEqualTo(new GitOptions(
                Optional.ofNullable(keepGitDir), Optional.ofNullable(submodules), Optional.ofNullable(mtime),
                fetchByCommit));
    }

    @Test
    void checksum_eitherKey_isTheCommit() {
        assertThat(parse("https://host.test/name.git?checksum=DEADbeef").checksum()).contains("DEADbeef");
        assertThat(parse("https://host.test/name.git?commit=0a").checksum()).contains("0a");
        assertThat(parse("https://host.test/name.git?commit=0a&checksum=0a").checksum()).contains("0a");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ?ref=v1#v2                | ref conflicts: "v2" vs "v1"
            ?ref=v1&tag=v2            | ref conflicts: "v1" vs "refs/tags/v2"
            ?tag=v2&ref=v1            | ref conflicts: "v1" vs "refs/tags/v2"
            ?tag=v1#refs/heads/main   | ref conflicts: "refs/heads/main" vs "refs/tags/v1"
            ?branch=v1#v1             | ref conflicts: "v1" vs "refs/heads/v1"
            ?tag=v1&branch=v1         | branch conflicts with tag
            ?subdir=a#v1:b            | subdir conflicts: "b" vs "a"
            ?checksum=a&commit=b      | checksum conflicts: "a" vs "b"
            ?checksum=xyz             | invalid checksum xyz for Git URL, expected hex commit hash
            ?ref=v1&ref=v1            | query "ref" has multiple values
            ?ref                      | query "ref" has no value
            ?tag=                     | query "tag" has no value
            ?mtime                    | query "mtime" has no value
            ?unknown                  | query "unknown" has no value
            ?unknown=1                | unexpected query "unknown"
            ?Ref=1                    | unexpected query "Ref"
            ?keep-git-dir=yes         | invalid keep-git-dir value: "yes"
            ?submodules=2             | invalid submodules value: "2"
            ?fetch-by-commit=no       | invalid fetch-by-commit value: "no"
            ?mtime=now                | invalid mtime value: "now" (must be "checkout" or "commit")
            #--upload-pack=x          | invalid git ref "--upload-pack=x"
            ?ref=-x                   | invalid git ref "-x"
            #a%0Ab                    | invalid git ref "a\\nb"
            ?subdir=a%00b             | invalid subdir "a\\x00b"
            """)
    void query_thatContradictsItself_isRefused(String rest, String message) {
        assertThatThrownBy(() -> GitRef.parse("https://host.test/name.git" + rest))
            .isInstanceOfSatisfying(DockerfileException.class, refused -> {
                assertThat(refused.code()).isEqualTo(DockerfileException.Code.SYNTAX);
                assertThat(refused).hasMessage(message);
            });
    }

    @ParameterizedTest
    @ValueSource(strings = {"-oProxyCommand=x@host.test:name", "git@-host:name", "git@host.test:-name",
        "-u@host.test:x",
        "ssh://-oProxyCommand@host.test/x"})
    void remote_thatIsLikeAnOption_isRefusedOrNone(String word) {
        try {
            assertThat(GitRef.parse(word)).isEmpty();
        } catch (DockerfileException refused) {
            assertThat(refused).hasMessage("invalid git address: a name in it starts with \"-\"");
        }
    }

    @Test
    void address_longerThanTheLimit_isRefused() {
        for (String start : new String[]{"https://host.test/", "git@host.test:"}) {
            assertThatThrownBy(() -> GitRef.parse(start + "a".repeat(10_000_000) + ".git"))
                .isInstanceOfSatisfying(DockerfileException.class,
                        refused -> assertThat(refused.code()).isEqualTo(DockerfileException.Code.TOO_LARGE));
        }
    }
}
