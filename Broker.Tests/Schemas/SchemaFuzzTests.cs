extern alias broker;

using System.Text;
using System.Text.Json;
using broker::ClawEvents.Broker.Schemas;

namespace ClawEvents.Broker.Tests.Schemas;

/// <summary>Random schemas and payloads, whole and damaged. The seed is fixed, so that failures can be repeated.</summary>
internal sealed class SchemaFuzzTests
{
    private const int Seed = 20_260_601;

    private static readonly string[] Keywords =
    [
        "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
        "pattern", "items", "additionalItems", "contains", "minItems", "maxItems", "uniqueItems", "properties", "patternProperties",
        "additionalProperties", "propertyNames", "required", "dependencies", "minProperties", "maxProperties", "allOf", "anyOf", "oneOf",
        "not", "if", "then", "else", "$ref", "$id", "definitions", "format", "a", "b",
    ];

    private static readonly string[] Leaves =
    [
        "0", "-1", "1.5", "1e400", "1E-9999999999999999999", "-0.0", "123456789012345678901234567890", "\"a\"", "\"\"", "\"string\"", "\"integer\"",
        "\"#\"", "\"#/definitions/a\"", "\"#a\"", "\"http://x/\"", "\"^(a|b*)+$\"", "\"[\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\u0000\"", "true", "false", "null",
    ];

    [Test]
    public void A_text_that_resembles_a_schema_never_throws()
    {
        var random = new Random(Seed);
        var usable = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var schema = Text(random, 4);
            var compiled = Judge.Compile(schema);
            usable += compiled.Fault is null ? 1 : 0;
            for (var i = 0; i < 3; i++)
            {
                var payload = Text(random, 3);
                Assert.That(compiled.Validate(Encoding.UTF8.GetBytes(payload)), Is.Not.Null, $"schema {schema}, payload {payload}");
            }
        }

        Assert.That(usable, Is.GreaterThan(1_000));
    }

    [Test]
    public void A_schema_with_changed_bytes_never_throws()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 20_000; round++)
        {
            var schema = Encoding.UTF8.GetBytes(Text(random, 4));
            var payload = Encoding.UTF8.GetBytes(Text(random, 3));
            Damage(random, schema);
            Damage(random, payload);
            Assert.That(ChannelSchema.Compile(schema).Validate(payload), Is.Not.Null, () => $"{Convert.ToBase64String(schema)} {Convert.ToBase64String(payload)}");
        }
    }

    [Test]
    public void A_constant_matches_itself_and_an_enum_its_values()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 5_000; round++)
        {
            var value = Text(random, 3);
            if (IsUsable(value))
            {
                Assert.That(Judge.Validate("""{"const":V,"enum":[0,V],"not":{"not":{"const":V}}}""".Replace("V", value, StringComparison.Ordinal), value), Is.Empty, value);
            }
        }
    }

    private static bool IsUsable(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return !json.Contains("\\ud800", StringComparison.Ordinal);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void Damage(Random random, byte[] text)
    {
        for (var i = 0; i < 2 && text.Length > 0; i++)
        {
            text[random.Next(text.Length)] = (byte)random.Next(256);
        }
    }

    private static string Text(Random random, int depth)
    {
        var kind = random.Next(depth > 0 ? 6 : 1);
        var parts = Enumerable.Range(0, random.Next(5));
        return kind switch
        {
            0 => Leaves[random.Next(Leaves.Length)],
            1 => $"[{string.Join(',', parts.Select(_ => Text(random, depth - 1)))}]",
            _ => $"{{{string.Join(',', parts.Select(_ => $"\"{Keywords[random.Next(Keywords.Length)]}\":{Text(random, depth - 1)}"))}}}",
        };
    }
}
