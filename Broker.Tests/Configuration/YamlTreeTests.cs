using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

internal sealed class YamlTreeTests
{
    [TestCase("", "{}")]
    [TestCase("# nothing but a comment", "{}")]
    [TestCase("---\n...\n", "{}")]
    [TestCase("a: 1", """{"a":"1"}""")]
    [TestCase("a: 0x10\nb: 1e3\nc: 2001-01-01", """{"a":"0x10","b":"1e3","c":"2001-01-01"}""")]
    [TestCase("a: true\nb: FALSE\nc: ~\nd:\ne: yes", """{"a":true,"b":false,"c":null,"d":null,"e":"yes"}""")]
    [TestCase("a: 'true'\nb: \"null\"\nc: !!str false", """{"a":"true","b":"null","c":"false"}""")]
    [TestCase("a: |\n  x\n  y\nb: >\n  x\n  y\n", """{"a":"x\ny\n","b":"x y\n"}""")]
    [TestCase("a: [1, {b: c}]\n", """{"a":["1",{"b":"c"}]}""")]
    [TestCase("a: &x {b: 1}\nc: *x\n", """{"a":{"b":"1"},"c":{"b":"1"}}""")]
    [TestCase("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3\n", """{"a":{"b":"1","c":"2"},"d":{"b":"3","c":"2"}}""")]
    [TestCase("a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n", """{"a":{"b":"1"},"c":{"b":"2","d":"3"},"e":{"b":"1","d":"3"}}""")]
    [TestCase("{\"a\": [true, null, \"x\"]}", """{"a":[true,null,"x"]}""")]
    public void A_document_becomes_a_tree(string yaml, string json) => Assert.That(YamlTree.Read(yaml).ToJsonString(), Is.EqualTo(json));

    [TestCase("- a", "line 1: the document is not a mapping")]
    [TestCase("a: 1\n---\nb: 2\n", "line 2: a second document begins here")]
    [TestCase("a: 1\nb: 2\na: 3\n", "line 3: duplicate key 'a'")]
    [TestCase("a: 1\n[b]: 2\n", "line 2: a key must be text")]
    [TestCase("a: 1\nb: *x\n", "line 2: no anchor &x ends before it")]
    [TestCase("a: &x\n  b: *x\n", "line 2: no anchor &x ends before it")]
    [TestCase("a:\n  <<: 5\n", "line 2: << can merge only a mapping or a list of mappings")]
    [TestCase("a: 1\nb: }\n", "line 2: invalid YAML (")]
    public void A_document_that_cannot_be_read_is_refused_with_its_line(string yaml, string fault) =>
        Assert.That(() => YamlTree.Read(yaml), Throws.TypeOf<FormatException>().With.Message.StartsWith(fault));

    [Test]
    public void A_few_lines_of_aliases_do_not_grow_without_end()
    {
        var lines = Enumerable.Range(1, 30).Select(line => $"a{line}: &a{line} [*a{line - 1}, *a{line - 1}, *a{line - 1}, *a{line - 1}]");

        Assert.That(
            () => YamlTree.Read(string.Join('\n', lines.Prepend("a0: &a0 x"))),
            Throws.TypeOf<FormatException>().With.Message.EndsWith("more than 100000 values after all aliases are expanded"));
    }

    [TestCase("a: ", "[", "]")]
    [TestCase("a: ", "{a: ", "}")]
    public void The_limit_of_nesting_holds_at_any_depth(string start, string open, string close)
    {
        Assert.That(() => YamlTree.Read(Nested(63)), Throws.Nothing);
        Assert.That(() => YamlTree.Read(Nested(65)), Throws.TypeOf<FormatException>().With.Message.EqualTo("line 1: mappings and lists are nested deeper than 64 levels"));
        Assert.That(() => YamlTree.Read(Nested(10_000)), Throws.TypeOf<FormatException>());

        string Nested(int levels) => start + string.Concat(Enumerable.Repeat(open, levels)) + string.Concat(Enumerable.Repeat(close, levels));
    }

    [Test]
    public void Aliases_cannot_bypass_the_nesting_limit()
    {
        var lines = Enumerable.Range(1, 64).Select(line => $"a{line}: &a{line} [*a{line - 1}]");

        Assert.That(
            () => YamlTree.Read(string.Join('\n', lines.Prepend("a0: &a0 x"))),
            Throws.TypeOf<FormatException>().With.Message.EqualTo("line 65: mappings and lists are nested deeper than 64 levels"));
    }

    [Test]
    public void A_damaged_file_is_either_read_or_refused([Values("yaml", "toml")] string kind)
    {
        const string damage = "\0\t\n {}[]:,&*#!|>'\"\\%@`-?=.<aé\uFFFD";
        var random = new Random(11);
        var good = kind == "yaml"
            ? "a: &x {b: [1, 'two', \"thr\\u0065e\"], c: |\n  text\n  }\nd:\n- <<: *x\n  e: !!str true # why\n- ? f\n  : g\n"
            : "a = 1\nb.c = \"x\\u0065\"\n[d]\ne = [1, 'two', {f = true}]\n[[g]]\nh = 1979-05-27T07:32:00Z\ni = \"\"\"\nj\"\"\"\n";
        for (var round = 0; round < 3_000; round++)
        {
            var text = good.ToCharArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                text[random.Next(text.Length)] = damage[random.Next(damage.Length)];
            }

            var damaged = new string(text)[..random.Next(1, text.Length + 1)];
            try
            {
                _ = kind == "yaml" ? YamlTree.Read(damaged) : TomlTree.Read(damaged);
            }
            catch (FormatException exception)
            {
                Assert.That(exception.Message, Does.Match("^line [0-9]+: |^invalid TOML"));
            }
        }
    }
}
