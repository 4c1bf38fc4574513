extern alias broker;

using broker::ClawEvents.Broker.Schemas;

namespace ClawEvents.Broker.Tests.Schemas;

internal sealed class SchemaMessageTests
{
    // Rules of upstream's validator, with its messages.
    [TestCase("""{"type":"integer"}""", "1.5", "", "Expected integer, got number")]
    [TestCase("""{"type":"integer"}""", "\"1\"", "", "Expected integer, got string")]
    [TestCase("""{"type":"number"}""", "true", "", "Expected number, got boolean")]
    [TestCase("""{"type":"string"}""", "null", "", "Expected type string, got null")]
    [TestCase("""{"type":"object"}""", "[]", "", "Expected type object, got array")]
    [TestCase("""{"type":"array"}""", "{}", "", "Expected type array, got object")]
    [TestCase("""{"type":"boolean"}""", "0", "", "Expected type boolean, got number")]
    [TestCase("""{"type":"null"}""", "0", "", "Expected type null, got number")]
    [TestCase("""{"type":"object","properties":{"a":{}},"required":["a"]}""", "{}", "", "Missing required field: a")]
    [TestCase("""{"properties":{"a":{"type":"object","properties":{},"required":["b"]}}}""", """{"a":{}}""", "a", "Missing required field: b")]
    [TestCase("""{"enum":["a","b"]}""", "\"c\"", "", "Value must be one of: a, b")]
    [TestCase("""{"enum":[1.0,true,null,{"a":1}]}""", "2", "", """Value must be one of: 1, true, null, {"a":1}""")]
    [TestCase("""{"minimum":5}""", "4", "", "Value must be >= 5")]
    [TestCase("""{"maximum":0.5}""", "0.6", "", "Value must be <= 0.5")]
    [TestCase("""{"minLength":2}""", "\"a\"", "", "String must be at least 2 characters")]
    [TestCase("""{"maxLength":2}""", "\"abc\"", "", "String must be at most 2 characters")]
    [TestCase("""{"properties":{"a":{"properties":{"b":{"type":"string"}}}}}""", """{"a":{"b":1}}""", "a.b", "Expected type string, got number")]
    [TestCase("""{"items":{"properties":{"a":{"type":"string"}}}}""", """[{"a":1}]""", "[0].a", "Expected type string, got number")]
    [TestCase("""{"properties":{"a":{"items":{"items":{"minimum":1}}}}}""", """{"a":[[1,0]]}""", "a[0][1]", "Value must be >= 1")]
    // The rest of Draft 7.
    [TestCase("""{"type":["string","null"]}""", "1", "", "Expected type string or null, got number")]
    [TestCase("""{"type":"strnig"}""", "\"a\"", "", "Expected type strnig, got string")]
    [TestCase("""{"required":["a"]}""", "{}", "", "Missing required field: a")]
    [TestCase("""{"const":"a"}""", "\"b\"", "", "Value must be a")]
    [TestCase("""{"exclusiveMinimum":1}""", "1", "", "Value must be > 1")]
    [TestCase("""{"exclusiveMaximum":1}""", "1", "", "Value must be < 1")]
    [TestCase("""{"multipleOf":0.01}""", "0.075", "", "Value must be a multiple of 0.01")]
    [TestCase("""{"pattern":"^[a-z]+$"}""", "\"A\"", "", "String must match the pattern ^[a-z]+$")]
    [TestCase("""{"minItems":1}""", "[]", "", "Array must have at least 1 items")]
    [TestCase("""{"maxItems":1}""", "[1,2]", "", "Array must have at most 1 items")]
    [TestCase("""{"uniqueItems":true}""", "[1,1.0]", "", "Array items must be unique")]
    [TestCase("""{"contains":{"const":1}}""", "[2]", "", "Array must contain an item that matches the schema of contains")]
    [TestCase("""{"minProperties":1}""", "{}", "", "Object must have at least 1 fields")]
    [TestCase("""{"maxProperties":0}""", """{"a":1}""", "", "Object must have at most 0 fields")]
    [TestCase("""{"additionalProperties":false}""", """{"a":1}""", "", "Unexpected field: a")]
    [TestCase("""{"propertyNames":{"maxLength":1}}""", """{"ab":1}""", "", "Invalid field name: ab")]
    [TestCase("""{"dependencies":{"a":["b"]}}""", """{"a":1}""", "", "Missing field b, required by a")]
    [TestCase("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "1", "", "Value must match at least one schema of anyOf")]
    [TestCase("""{"oneOf":[{"minimum":1},{"minimum":2}]}""", "3", "", "Value must match exactly one schema of oneOf")]
    [TestCase("""{"not":{"type":"number"}}""", "3", "", "Value must not match the schema of not")]
    [TestCase("""{"if":{"minimum":1},"then":{"maximum":2},"else":false}""", "3", "", "Value must be <= 2")]
    [TestCase("""{"if":{"minimum":1},"then":{"maximum":2},"else":false}""", "0", "", "No value is allowed here")]
    [TestCase("false", "0", "", "No value is allowed here")]
    [TestCase("""{"items":[true],"additionalItems":false}""", "[1,2]", "[1]", "No value is allowed here")]
    [TestCase("""{"$ref":"#/definitions/a","definitions":{"a":{"type":"string"}}}""", "1", "", "Expected type string, got number")]
    public void An_error_has_its_path_and_message(string schema, string payload, string path, string message) =>
        Assert.That(Judge.Validate(schema, payload), Is.EqualTo([new SchemaError(path, message)]));

    [Test]
    public void A_payload_gets_all_its_errors_in_the_order_of_the_schema()
    {
        const string schema = """{"type":"object","properties":{"a":{"type":"string"},"n":{"type":"integer","minimum":3}},"required":["a","z"]}""";

        var errors = Judge.Validate(schema, """{"a":1,"n":1.5}""");

        Assert.That(errors, Is.EqualTo(
        [
            new SchemaError("", "Missing required field: z"),
            new SchemaError("a", "Expected type string, got number"),
            new SchemaError("n", "Expected integer, got number"),
            new SchemaError("n", "Value must be >= 3"),
        ]));
    }

    [TestCase("\"a string\"")]
    [TestCase("12")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("true")]
    [TestCase("{}")]
    // A keyword with a value of the wrong kind is ignored.
    [TestCase("""{"minimum":"5","required":true,"properties":[],"items":3,"enum":"a","minLength":-1,"maxItems":1.5,"pattern":7,"allOf":{}}""")]
    [TestCase("""{"multipleOf":0}""")]
    public void A_schema_without_requirements_accepts_everything(string schema) =>
        Assert.That(Judge.Validate(schema, """{"a":[1,"b"]}"""), Is.Empty);

    [TestCase("1.0")]
    [TestCase("1e3")]
    [TestCase("123456789012345678901234567890")]
    [TestCase("1e400000000")]
    public void A_number_without_a_fraction_is_an_integer(string payload) =>
        Assert.That(Judge.Validate("""{"type":"integer"}""", payload), Is.Empty);

    [TestCase("""{"multipleOf":0.01}""", "19.99")]
    [TestCase("""{"multipleOf":0.1}""", "0.3")]
    [TestCase("""{"multipleOf":1e-7}""", "1.0000001")]
    [TestCase("""{"multipleOf":7}""", "700000000000000000000000000000000007")]
    [TestCase("""{"minimum":9007199254740993}""", "9007199254740993")]
    [TestCase("""{"exclusiveMinimum":9007199254740992}""", "9007199254740993")]
    [TestCase("""{"minimum":-1e400,"maximum":1e400}""", "-9.99e399")]
    [TestCase("""{"const":{"a":1,"b":[2.50]}}""", """{"b":[25e-1],"a":1.0}""")]
    [TestCase("""{"minLength":1,"maxLength":1}""", "\"\\ud83d\\ude00\"")]
    [TestCase("""{"maxLength":1}""", "\"😀\"")]
    public void Numbers_and_lengths_are_exact(string schema, string payload) => Assert.That(Judge.Validate(schema, payload), Is.Empty);

    [TestCase("""{"multipleOf":7}""", "700000000000000000000000000000000008")]
    [TestCase("""{"maximum":9007199254740992}""", "9007199254740993")]
    [TestCase("""{"maximum":1e400}""", "1.01e400")]
    [TestCase("""{"minimum":-1.5}""", "-1.51")]
    [TestCase("""{"multipleOf":20}""", "10")]
    public void Numbers_that_differ_beyond_a_double_are_distinguished(string schema, string payload) =>
        Assert.That(Judge.Validate(schema, payload), Has.Count.EqualTo(1));

    [TestCase("1e21", "1e+21")]
    [TestCase("1e20", "100000000000000000000")]
    [TestCase("-12.50", "-12.5")]
    [TestCase("0.000001", "0.000001")]
    [TestCase("1.5e-7", "1.5e-7")]
    [TestCase("-0.0", "0")]
    public void A_message_shows_numbers_as_JavaScript_does(string minimum, string shown) =>
        Assert.That(Judge.Validate("{\"minimum\":" + minimum + "}", "-1e99").Single().Message, Is.EqualTo($"Value must be >= {shown}"));

    [TestCase("a.b")]
    [TestCase("")]
    [TestCase("__proto__")]
    [TestCase("\\u0061\\u00e4\\n")]
    public void A_field_may_have_any_name(string name) =>
        Assert.That(Judge.Validate("{\"properties\":{\"" + name + "\":{\"type\":\"number\"}}}", $$"""{"{{name}}":""}"""), Has.Count.EqualTo(1));

    [Test]
    public void Both_values_of_a_duplicate_field_are_checked() =>
        Assert.That(Judge.Validate("""{"properties":{"a":{"type":"number"}}}""", """{"a":"x","a":1}"""), Has.Count.EqualTo(1));

    [TestCase("""{"type":"object"}""", "{")]
    [TestCase("""{"type":"object"}""", "")]
    [TestCase("""{"type":"object"}""", "\"\\ud800\"")]
    [TestCase("""{"type":"object"}""", "\"\\udc00\\ud800\"")]
    [TestCase("{}", "[1,]")]
    public void A_payload_that_is_not_JSON_is_an_error(string schema, string payload) =>
        Assert.That(Judge.Validate(schema, payload), Is.EqualTo([new SchemaError("", "Payload is not JSON, or is nested deeper than 64")]));
}
