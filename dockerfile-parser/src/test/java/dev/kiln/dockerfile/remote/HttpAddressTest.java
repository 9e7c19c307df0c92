package dev.kiln.dockerfile.remote;

import java.net.URI;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.dockerfile.source.DockerfileException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class HttpAddressTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "file", "HTTP://host.test/x", "ftp://host.test/x", "https:/host.test/x",
        "git@host.test:x",
        "https://host.test/name.git", "https://host.test/name.git#main:docs", "github.com/a/b"})
    void word_otherThanHttp_isNone(String word) {
        assertThat(HttpAddress.parse(word)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            https://host.test/a/b.tar.gz,         b.tar.gz
            https://host.test/a/b.tar.gz?x=/y,    b.tar.gz
            https://host.test/a/b.tar.gz#/z,      b.tar.gz
            https://host.test/a/b/,               b
            https://host.test/a//,                a
            https://host.test,                    __unnamed__
            https://host.test/,                   __unnamed__
            https://host.test//,                  __unnamed__
            https://host.test/?name=x,            __unnamed__
            https://host.test/a/.,                __unnamed__
            https://host.test/a/..,               download
            https://host.test/%2e%2e,             download
            https://host.test/a%2Fb,              b
            https://host.test/a%0Ab,              download
            https://host.test/a%20b,              a b
            https://host.test/%20,                download
            https://host.test/名前.txt,            名前.txt
            https://host.test/name.git/,          name.git
            """)
    void fileName_isTheLastOfThePath(String word, String fileName) {
        assertThat(HttpAddress.parse(word).orElseThrow().fileName()).isEqualTo(fileName);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            http://Host.test,                       http://host.test/
            http://host.test?q=a b,                 http://host.test/?q=a%20b
            http://host.test/a b/[c]?d=[e]|f#frag,  http://host.test/a%20b/%5Bc%5D?d=%5Be%5D%7Cf
            http://host.test/a%2Fb?c=%zz,           http://host.test/a%2Fb?c=%25zz
            http://host.test/ä,                     http://host.test/%C3%A4
            http://[::1]:8080/x,                    http://[::1]:8080/x
            http://me:p@ss@host.test/x,             http://me:p%40ss@host.test/x
            """)
    void url_isOneThatEveryClientTakes(String word, String url) {
        String parsed = HttpAddress.parse(word).orElseThrow().url();

        assertThat(parsed).isEqualTo(url);
        assertThat(URI.create(parsed).getHost()).isNotNull();
    }

    @Test
    void url_credentialsAndQuery_areNotShown() {
        HttpAddress address = HttpAddress.parse("https://me:pass@host.test/file?token=abc").orElseThrow();

        assertThat(address).hasToString("https://xxxxx:xxxxx@host.test/file");
        assertThat(address.url()).isEqualTo("https://me:pass@host.test/file?token=abc");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            https:///x,                  no host in URL
            https://host.test/%zz,       invalid URL escape
            https://host.test:port/x,    invalid port after host
            https://host.test:1234567/x, invalid port after host
            'https://me:se cret@ho st/', invalid character in host name
            https://me:%zz@host.test/,   invalid userinfo in URL
            https://[::1/x,              missing ']' in host
            https://-host/x,             a host name cannot start with "-"
            """)
    void word_malformed_isRefused_withoutRepeatingIt(String word, String message) {
        assertThatThrownBy(() -> HttpAddress.parse(word)).isInstanceOf(DockerfileException.class).hasMessage(message);
    }
}
