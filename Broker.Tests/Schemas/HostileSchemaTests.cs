extern alias broker;

using System.Net;
using System.Net.Sockets;
using System.Text;
using broker::ClawEvents.Broker.Schemas;

namespace ClawEvents.Broker.Tests.Schemas;

/// <summary>Malicious schemas and payloads. Their cost is counted, so the same ones are refused on every machine; the time limit catches a hang.</summary>
[CancelAfter(30_000)]
internal sealed class HostileSchemaTests
{
    private const string TooExpensive = "The advertised schema is too expensive for this payload";

    private const string DeeperThanTheLimit =
        "The advertised schema cannot be used: subschemas are nested deeper than 256 during validation, or a $ref leads back to itself";

    private const int PayloadLimit = 16_384;

    [TestCase("^(a+)+$")]
    [TestCase("^(a|aa)+$")]
    [TestCase("^([a-zA-Z]+)*$")]
    [TestCase("(.*)*(.*)*(.*)*x$")]
    public void A_pattern_that_makes_backtracking_engines_hang_is_answered(string pattern)
    {
        var errors = Judge.Validate($$"""{"pattern":"{{pattern}}"}""", $"\"{new string('a', 4_000)}!\"");

        Assert.That(errors, Has.Count.EqualTo(1));
        Assert.That(errors[0].Message, Does.StartWith("String must match the pattern"));
    }

    [Test]
    public void A_pattern_with_too_many_ways_through_a_long_text_is_too_expensive() =>
        AssertOneError(Judge.Validate("""{"pattern":"(a|b)*a(a|b){400}x"}""", $"\"{new string('a', PayloadLimit - 2)}\""), TooExpensive);

    [Test]
    public void Patterns_of_one_schema_are_limited_together()
    {
        var patterns = string.Join(',', Enumerable.Range(0, 30).Select(i => $$$"""{"pattern":"{{{i}}}a{900}"}"""));

        AssertOneError(Judge.Validate($$"""{"allOf":[{{patterns}}]}""", "1"), "The advertised schema cannot be used: its patterns need more than 20000 steps");
    }

    [TestCase("""{"$ref":"#"}""")]
    [TestCase("""{"allOf":[{"$ref":"#"}]}""")]
    [TestCase("""{"not":{"$ref":"#"}}""")]
    [TestCase("""{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"anyOf":[{"$ref":"#/definitions/a"}]}}}""")]
    public void A_reference_that_leads_back_to_itself_ends(string schema) =>
        AssertOneError(Judge.Validate(schema, "1"), DeeperThanTheLimit);

    [Test]
    public void A_chain_of_references_longer_than_the_limit_ends()
    {
        var errors = Judge.Validate(Chain(900, next => next), "1");

        AssertOneError(errors, DeeperThanTheLimit);
    }

    [Test]
    public void A_recursive_schema_follows_a_payload_down_to_its_depth_limit()
    {
        const string schema = """{"type":"array","items":{"anyOf":[{"$ref":"#"}]}}""";

        Assert.That(Judge.Validate(schema, new string('[', 64) + new string(']', 64)), Is.Empty);
        AssertOneError(Judge.Validate(schema, new string('[', 65) + new string(']', 65)), "Payload is not JSON, or is nested deeper than 64");
    }

    [Test]
    public void Deep_nesting_neither_compiles_nor_validates()
    {
        var deep = new string('[', 100_000) + new string(']', 100_000);
        var deepSchema = string.Concat(Enumerable.Repeat("{\"not\":", 100_000)) + "{}" + new string('}', 100_000);

        AssertOneError(Judge.Validate("""{"items":{"$ref":"#"}}""", deep), "Payload is not JSON, or is nested deeper than 64");
        AssertOneError(Judge.Validate(deepSchema, "1"), "The advertised schema cannot be used: it is not JSON, or is nested deeper than 192");
        AssertOneError(Judge.Validate(deep, "1"), "The advertised schema cannot be used: it is not JSON, or is nested deeper than 192");
    }

    [TestCase("allOf")]
    [TestCase("anyOf")]
    [TestCase("oneOf")]
    public void Definitions_that_double_at_every_step_are_too_expensive(string keyword)
    {
        // The last one makes allOf continue with its second branch, and fails in anyOf and oneOf, which then try theirs.
        var last = keyword == "allOf" ? "true" : "false";
        var errors = Judge.Validate(Chain(40, next => $$"""{"{{keyword}}":[{{next}},{{next}}]}""", last), "1");

        AssertOneError(errors, TooExpensive);
    }

    [Test]
    public void A_giant_enum_costs_one_lookup_per_item()
    {
        var values = string.Join(',', Enumerable.Range(0, 6_000));
        var items = string.Join(',', Enumerable.Range(0, 3_000));

        Assert.That(Judge.Validate($$$"""{"items":{"enum":[{{{values}}}]}}""", $"[{items}]"), Is.Empty);
    }

    [Test]
    public void Many_different_items_are_found_to_be_unique() =>
        Assert.That(Judge.Validate("""{"uniqueItems":true}""", $"[{string.Join(',', Enumerable.Range(0, 3_000))}]"), Is.Empty);

    [Test]
    public void Comparing_a_long_value_again_and_again_is_too_expensive()
    {
        var questions = string.Join(',', Enumerable.Repeat("""{"not":{"const":1}}""", 1_000));

        AssertOneError(Judge.Validate($$"""{"allOf":[{{questions}}]}""", $"\"{new string('a', PayloadLimit - 2)}\""), TooExpensive);
    }

    [TestCase("1e400000000")]
    [TestCase("-1e-400000000")]
    [TestCase("1e99999999999999999999999999")]
    public void A_giant_exponent_costs_what_any_number_costs(string number)
    {
        var schema = $$$"""{"multipleOf":0.3,"minimum":{{{number}}},"enum":[{{{number}}}],"items":{"const":{{{number}}} } }""";

        Assert.That(Judge.Compile(schema).Fault, Is.Null);
        Assert.That(Judge.Validate(schema, number).Select(error => error.Message), Has.None.Contains("Value must be one of"));
        Assert.That(Judge.Validate("""{"multipleOf":7,"minLength":1e400000000}""", number), Is.Not.Null);
    }

    [Test]
    public void A_number_of_many_digits_is_compared_and_divided()
    {
        var digits = new string('9', PayloadLimit);

        Assert.That(Judge.Validate("""{"type":"integer","minimum":1,"multipleOf":3}""", digits), Is.Empty);
        AssertOneError(
            Judge.Validate($$"""{"multipleOf":{{digits}}}""", "1"), "The advertised schema cannot be used: its multipleOf has more than 100 digits");
    }

    [TestCase("http://127.0.0.1:{0}/schema.json")]
    [TestCase("//127.0.0.1:{0}/schema.json#/a")]
    public async Task A_reference_to_a_server_is_refused_and_not_followed(string reference)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var address = string.Format(null, reference, ((IPEndPoint)server.LocalEndpoint).Port);

        AssertOneError(
            Judge.Validate($$"""{"$ref":"{{address}}"}""", "1"),
            $"The advertised schema cannot be used: $ref \"{address}\" leads to nothing in this schema, and other documents are not read");

        // Any connection would wait in the listener before the test's own.
        using var own = new TcpClient();
        await own.ConnectAsync((IPEndPoint)server.LocalEndpoint);
        using var accepted = await server.AcceptSocketAsync();
        Assert.That(((IPEndPoint)accepted.RemoteEndPoint!).Port, Is.EqualTo(((IPEndPoint)own.Client.LocalEndPoint!).Port));
    }

    [TestCase("file:///etc/passwd")]
    [TestCase("/etc/passwd")]
    [TestCase("other.json#/a")]
    [TestCase("#/definitions/missing")]
    [TestCase("#anchor")]
    [TestCase("#/allOf/7")]
    [TestCase("http://[")]
    [TestCase("%")]
    public void A_reference_out_of_the_document_or_to_nothing_is_refused(string reference) =>
        AssertOneError(
            Judge.Validate($$"""{"allOf":[{"$ref":"{{reference}}"}]}""", "1"),
            $"The advertised schema cannot be used: $ref \"{reference}\" leads to nothing in this schema, and other documents are not read");

    [Test]
    public void A_file_that_is_there_is_not_read()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, """{"type":"string"}""");

        Assert.That(Judge.Compile($$"""{"$ref":"file://{{path}}"}""").Fault, Does.Contain("leads to nothing in this schema"));
        File.Delete(path);
    }

    [Test]
    public void Too_many_subschemas_are_refused()
    {
        var many = string.Join(',', Enumerable.Repeat("true", 5_000));

        AssertOneError(Judge.Validate($$"""{"allOf":[{{many}}]}""", "1"), "The advertised schema cannot be used: it has more than 5000 subschemas");
    }

    [Test]
    public void Errors_are_limited_in_number_and_length()
    {
        var name = new string('n', 10_000);
        var schema = "{\"properties\":{\"" + name + "\":{\"items\":{\"enum\":[\"" + name + "\"]}}}}";
        var items = string.Join(',', Enumerable.Repeat('1', 500));

        var errors = Judge.Validate(schema, $$"""{"{{name}}":[{{items}}]}""");

        Assert.That(errors, Has.Count.EqualTo(100));
        Assert.That(errors.Max(error => error.Path.Length), Is.EqualTo(1_000));
        Assert.That(errors.Max(error => error.Message.Length), Is.EqualTo(1_000));
    }

    [Test]
    public void A_small_stack_is_enough_for_the_deepest_evaluation()
    {
        var schema = Chain(63, next => "{\"properties\":{\"a\":{\"anyOf\":[" + next + "]}}}");
        var payload = string.Concat(Enumerable.Repeat("{\"a\":", 63)) + "1" + new string('}', 63);
        IReadOnlyList<SchemaError>? errors = null;

        var thread = new Thread(() => errors = [.. Judge.Validate(schema, payload), .. Judge.Validate("""{"not":{"$ref":"#"}}""", "1")], 256 * 1024);
        thread.Start();
        thread.Join();

        Assert.That(errors, Has.Count.EqualTo(1));
    }

    [Test]
    public void One_schema_serves_many_threads()
    {
        var schema = Judge.Compile("""{"properties":{"n":{"minimum":0,"multipleOf":2},"s":{"pattern":"^(a|b)+$"}},"required":["n"]}""");

        var wrong = ParallelEnumerable.Range(0, 20_000).WithDegreeOfParallelism(8).Count(i =>
        {
            var text = i % 3 == 0 ? "abc" : "abab";
            var errors = schema.Validate(Encoding.UTF8.GetBytes($$"""{"n":{{i}},"s":"{{text}}"}"""));
            return errors.Count != (i % 2) + (i % 3 == 0 ? 1 : 0);
        });

        Assert.That(wrong, Is.Zero);
    }

    /// <summary>Definitions d0, d1 and so on, each made of a reference to the next, and a reference to the first.</summary>
    private static string Chain(int length, Func<string, string> definition, string last = "true")
    {
        var links = Enumerable.Range(0, length).Select(i => $"\"d{i}\":{definition(ReferenceTo(i + 1))},");
        return "{\"definitions\":{" + string.Concat(links) + $"\"d{length}\":{last}" + "},\"$ref\":\"#/definitions/d0\"}";
    }

    private static string ReferenceTo(int definition) => $$"""{"$ref":"#/definitions/d{{definition}}"}""";

    private static void AssertOneError(IReadOnlyList<SchemaError> errors, string message) =>
        Assert.That(errors, Is.EqualTo([new SchemaError("", message)]));
}
