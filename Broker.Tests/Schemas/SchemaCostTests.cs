extern alias broker;

using System.Diagnostics;
using System.Text;
using broker::ClawEvents.Broker.Schemas;

namespace ClawEvents.Broker.Tests.Schemas;

/// <summary>The time of the most expensive validations that the limits allow. The limit is 2 ms (docs/explanation/threat-model.md).</summary>
[Category("Slow")]
[NonParallelizable]
internal sealed class SchemaCostTests
{
    private const int PayloadLimit = 16_384;

    private static readonly string ManyObjects = Fill("{\"a\":1,\"b\":\"x\"}");
    private static readonly string ManyNumbers = Fill("1");
    private static readonly string ManyFields = "{" + string.Join(',', Enumerable.Range(0, 1_800).Select(i => $"\"{i}\":1")) + "}";

    private static readonly (string Name, string Schema, string Payload)[] Cases =
    [
        ("many trials", $$$"""{"items":{"anyOf":[{{{Repeat("{\"type\":\"string\"}", 1_000)}}}]}}""", ManyNumbers),
        ("many trials with paths", $$$"""{"items":{"anyOf":[{{{Repeat("{\"properties\":{\"a\":false}}", 1_000)}}}]}}""", ManyObjects),
        ("a long value compared again and again", $$"""{"allOf":[{{Repeat("{\"not\":{\"const\":1}}", 1_000)}}]}""", ManyNumbers),
        ("an object compared again and again", $$"""{"allOf":[{{Repeat("{\"not\":{\"const\":1}}", 1_000)}}]}""", ManyFields),
        ("each small value compared", $$$"""{"items":{"anyOf":[{{{Repeat("{\"const\":2}", 1_000)}}}]}}""", ManyNumbers),
        ("unique items again and again", $$"""{"allOf":[{{Repeat("{\"uniqueItems\":true}", 1_000)}}]}""", "[" + string.Join(',', Enumerable.Range(0, 3_000)) + "]"),
        ("names of fields", """{"propertyNames":{"allOf":[{"type":"string"},{"minLength":1},{"maxLength":9}]}}""", ManyFields),
        ("names of fields again and again", $$"""{"allOf":[{{Repeat("{\"propertyNames\":{\"minLength\":1}}", 1_000)}}]}""", ManyFields),
        ("a pattern with many steps", """{"pattern":"(a|b)*a(a|b){400}x"}""", $"\"{new string('a', PayloadLimit - 2)}\""),
        ("a pattern with many ranges", $$"""{"pattern":"^({{string.Concat(Enumerable.Repeat("[^a-cg-ik-mo-qs-u]?", 50))}})*$"}""", $"\"{new string('z', PayloadLimit - 2)}\""),
        ("patterns of fields", "{\"patternProperties\":{" + string.Join(',', Enumerable.Range(0, 200).Select(i => $"\"^{i}x\":true")) + "}}", ManyFields),
        ("long numbers divided", $$"""{"allOf":[{{Repeat("{\"multipleOf\":7}", 1_000)}}]}""", new string('9', PayloadLimit)),
        ("long texts measured", $$"""{"allOf":[{{Repeat("{\"minLength\":1}", 1_000)}}]}""", $"\"{new string('a', PayloadLimit - 2)}\""),
        ("required fields", $$"""{"allOf":[{{Repeat("{\"required\":[\"1\",\"2\",\"3\"]}", 1_000)}}]}""", ManyFields),
        ("definitions that double", Chain(40), "1"),
        ("many errors", """{"items":{"type":"string"}}""", ManyNumbers),
    ];

    [Test]
    public void A_validation_takes_at_most_2_ms()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var (name, schema, payload) in Cases)
            {
                Assert.That(payload.Length, Is.LessThanOrEqualTo(PayloadLimit), name);
                var compiled = Judge.Compile(schema);
                Assert.That(compiled.Fault, Is.Null, name);
                var milliseconds = QuartileOf(compiled, Encoding.UTF8.GetBytes(payload));
                TestContext.Out.WriteLine($"{milliseconds,8:0.00} ms  {name}");
                Assert.That(milliseconds, Is.LessThanOrEqualTo(2), name);
            }
        }
    }

    private static double QuartileOf(ChannelSchema schema, byte[] payload)
    {
        // The runtime compiles again what has run for a while.
        for (var i = 0; i < 200; i++)
        {
            schema.Validate(payload);
        }

        var times = new List<double>();
        for (var i = 0; i < 41; i++)
        {
            var start = Stopwatch.GetTimestamp();
            schema.Validate(payload);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        return times[times.Count / 4];
    }

    private static string Fill(string item) => "[" + Repeat(item, (PayloadLimit - 2) / (item.Length + 1)) + "]";

    private static string Repeat(string item, int times) => string.Join(',', Enumerable.Repeat(item, times));

    private static string Chain(int length)
    {
        var links = Enumerable.Range(0, length).Select(i => $$"""
            "d{{i}}":{"anyOf":[{"$ref":"#/definitions/d{{i + 1}}"},{"$ref":"#/definitions/d{{i + 1}}"}]},
            """);
        return "{\"definitions\":{" + string.Concat(links) + $"\"d{length}\":false" + "},\"$ref\":\"#/definitions/d0\"}";
    }
}
