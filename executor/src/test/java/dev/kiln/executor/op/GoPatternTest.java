package dev.kiln.executor.op;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GoPatternTest {

    /** What Go's own {@code filepath.Match} says. */
    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {"abc abc true", "* abc true", "*c abc true", "a* a true", "a* abc true",
        "a* ab/c false", "a*/b abc/b true", "a*/b a/c/b false", "a*b*c*d*e*/f axbxcxdxe/f true",
        "a*b*c*d*e*/f axbxcxdxexxx/f true", "a*b*c*d*e*/f axbxcxdxe/xxx/f false",
        "a*b*c*d*e*/f axbxcxdxexxx/fff false", "a*b?c*x abxbbxdbxebxczzx true",
        "a*b?c*x abxbbxdbxebxczzy false", "ab[c] abc true", "ab[b-d] abc true", "ab[e-g] abc false",
        "ab[^c] abc false", "ab[^b-d] abc false", "ab[^e-g] abc true", "a\\*b a*b true", "a\\*b ab false",
        "a?b a☺b true", "a[^a]b a☺b true", "a???b a☺b false", "a[^a][^a][^a]b a☺b false", "[a-ζ]* α true",
        "*[a-ζ] A false", "a?b a/b false", "a*b a/b false", "[\\]a] ] true", "[\\-] - true", "[x\\-] x true",
        "[x\\-] - true", "[x\\-] z false", "[\\-x] a false", "*x xxx true", "*.go x.java false", "** a true",
        "*/x a/x true"})
    void pattern_asInGo_matches(String pattern, String name, boolean matches) {
        assertThat(GoPattern.compile(pattern).matches(RawPath.ofUtf8(name))).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]a]", "[-]", "[x-]", "[-x]", "[a-b-d]", "[", "[^", "[^bc", "a[", "\\", "a[x\\"})
    void pattern_malformed_isRefused(String pattern) {
        assertThatThrownBy(() -> GoPattern.compile(pattern)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void name_thatIsNotUtf8_matchesByteForByte() {
        RawPath name = RawPath.ofBytes(new byte[]{'a', (byte) 0xff, 'b'});
        assertThat(GoPattern.compile("a?b").matches(name)).isTrue();
        assertThat(GoPattern.compile("a*").matches(name)).isTrue();
        assertThat(GoPattern.compile("aÿb").matches(name)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"a/b,false", "a*,true", "a?,true", "[a],true", "a\\*,false", "a\\\\*,true"})
    void wildcard_notTakenAway_makesAPattern(String text, boolean pattern) {
        assertThat(GoPattern.isPattern(text)).isEqualTo(pattern);
    }
}
