using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

internal sealed class TomlTreeTests
{
    [TestCase("", "{}")]
    [TestCase("a = 1\nb = -2.5\nc = true\nd = \"x\"\ne = 'y'", """{"a":"1","b":"-2.5","c":true,"d":"x","e":"y"}""")]
    [TestCase("a.b.c = 1\n[a.d]\ne = 2", """{"a":{"b":{"c":"1"},"d":{"e":"2"}}}""")]
    [TestCase("a = [1, [2], {b = 3}]", """{"a":["1",["2"],{"b":"3"}]}""")]
    [TestCase("[[a]]\nb = 1\n[[a]]\nb = 2\n[[a.c]]\nd = 3", """{"a":[{"b":"1"},{"b":"2","c":[{"d":"3"}]}]}""")]
    [TestCase("\"a.b\" = 1", """{"a.b":"1"}""")]
    public void A_document_becomes_a_tree(string toml, string json) => Assert.That(TomlTree.Read(toml).ToJsonString(), Is.EqualTo(json));

    [TestCase("a = 1\nb\n", 2)]
    [TestCase("a = 1\n\na = 2\n", 3)]
    [TestCase("[a]\nb = yes\n", 2)]
    [TestCase("[a]\n[a]\n", 2)]
    public void A_document_that_cannot_be_read_is_refused_with_its_line(string toml, int line) =>
        Assert.That(() => TomlTree.Read(toml), Throws.TypeOf<FormatException>().With.Message.StartsWith($"line {line}: invalid TOML ("));

    [Test]
    public void An_escape_that_is_not_a_character_is_refused() =>
        Assert.That(() => TomlTree.Read("a = \"\\uD800\""), Throws.TypeOf<FormatException>());

    [Test]
    public void The_limit_of_nesting_holds_at_any_depth([Values(100, 10_000)] int levels) =>
        Assert.That(() => TomlTree.Read($"a = {new string('[', levels)}{new string(']', levels)}"), Throws.TypeOf<FormatException>());
}
