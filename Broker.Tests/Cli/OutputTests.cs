using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Tests.Support.Doubles;
using ClawEvents.Cli.Output;

namespace ClawEvents.Broker.Tests.Cli;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class OutputTests : IDisposable
{
    private readonly MemoryStream _stdout = new();
    private readonly MemoryStream _stderr = new();

    public void Dispose()
    {
        _stdout.Dispose();
        _stderr.Dispose();
    }

    [Test]
    public void A_success_for_people_is_a_mark_the_data_and_next_steps()
    {
        Human().Write(new Success("Done")
        {
            Data = json =>
            {
                json.WriteString("name"u8, "alice");
                json.WriteNull("nothing"u8);
                json.WriteStartArray("empty"u8);
                json.WriteEndArray();
                json.WriteStartArray("list"u8);
                json.WriteNumberValue(1);
                json.WriteStartObject();
                json.WriteBoolean("ok"u8, true);
                json.WriteEndObject();
                json.WriteEndArray();
            },
            NextSteps = ["go on"],
            Documentation = ["https://x"],
        });

        Assert.That(TextOf(_stdout), Is.EqualTo("""

            ✓ Done

            • name    : alice
            • nothing : null
            • empty   : []
            • list    :
              • [0]: 1
              • [1]:
                • ok : true

            Next steps:
              → go on

            Documentation:
              • https://x


            """));
    }

    [Test]
    public void A_list_of_objects_is_a_table_for_people_and_moments_are_relative()
    {
        var now = new DateTimeOffset(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);
        Human(80, now).Write(new Success("Found")
        {
            Data = json =>
            {
                json.WriteNumber("updatedAt"u8, now.AddDays(-2).ToUnixTimeMilliseconds());
                json.WriteNumber("expiresAt"u8, now.AddSeconds(90).ToUnixTimeMilliseconds());
                json.WriteStartArray("channels"u8);
                WriteChannel(json, "agent.alice.updates", string.Join(' ', Enumerable.Repeat("word", 30)), now.AddMinutes(-5), hasSchema: true);
                WriteChannel(json, "public.x", "short", now, hasSchema: false);
                json.WriteEndArray();
            },
        });

        Assert.That(TextOf(_stdout), Is.EqualTo("""

            ✓ Found

            • updatedAt : 2 days ago (2026-01-30 12:00:00 UTC)
            • expiresAt : in 1 minute (2026-02-01 12:01:30 UTC)
            • channels  :
              channel              description                         schema  updatedAt
              agent.alice.updates  word word word word word word wor…  yes     5 minutes ago
              public.x             short                               -       now


            """));
    }

    [TestCase("""[{"a":"x"}]""", "  a\n  x\n")]
    [TestCase("""[{"a":true},{"b":false},{"b":null}]""", "  a    b\n  yes  -\n  -    no\n  -    -\n")]
    [TestCase("""[{}]""", "  \n  \n")]
    [TestCase("""[{"a":"two\nlines"}]""", "  a\n  two lines\n")]
    public void A_table_has_a_cell_for_every_column(string list, string table)
    {
        Human().Write(new Success("Found")
        {
            Data = json =>
            {
                json.WritePropertyName("list"u8);
                json.WriteRawValue(list);
            },
        });

        Assert.That(TextOf(_stdout), Is.EqualTo($"\n✓ Found\n\n• list :\n{table}\n"));
    }

    [Test]
    public void Names_are_never_cut()
    {
        var name = new string('n', 100);
        var text = new StringBuilder();

        new TextTable(["name", "text"], [[name, "some words that are not so important"]]).Append(text, "", title => title, width: 80);

        Assert.That(text.ToString(), Does.Contain($"{name}  some words …\n"));
    }

    [Test]
    public void The_payloads_and_schemas_of_users_are_shown_as_they_are()
    {
        Human().Write(new Success("Done")
        {
            Data = json =>
            {
                json.WritePropertyName("payload"u8);
                json.WriteRawValue("""{"madeAt":1769947200000,"list":[{"a":null}]}""");
            },
        });

        Assert.That(TextOf(_stdout), Does.Contain("  • madeAt : 1769947200000\n").And.Contain("    • [0]:\n      • a : null\n"));
    }

    [Test]
    public void What_only_informs_has_no_check_mark()
    {
        Human().Write(new Success("Not so") { Confirms = false });

        Assert.That(TextOf(_stdout), Is.EqualTo("\nℹ Not so\n\n"));
    }

    [Test]
    public void An_answer_for_programs_is_in_words_for_people()
    {
        var failure = new Failure("Failed: {\"error\":\"no\"}", "fix") { Plain = "Failed: no" };

        Human().Write(failure);
        Json().Write(failure);

        Assert.That(TextOf(_stderr), Does.StartWith("✗ Error: Failed: no\n").And.Contain("\"error\": \"Failed: {\\\"error\\\":\\\"no\\\"}\""));
    }

    [TestCase(0, "now")]
    [TestCase(-1, "1 second ago")]
    [TestCase(-119, "1 minute ago")]
    [TestCase(7_200, "in 2 hours")]
    [TestCase(-86_400 * 40, "1 month ago")]
    [TestCase(86_400 * 800, "in 2 years")]
    public void A_moment_is_relative_to_now(int seconds, string text)
    {
        Assert.That(RelativeTime.Of(DateTimeOffset.UnixEpoch.AddSeconds(seconds), DateTimeOffset.UnixEpoch), Is.EqualTo(text));
    }

    [TestCase("pbu", "Did you mean pub?")]
    [TestCase("--limt", "Did you mean --limit?")]
    [TestCase("subexce", "Did you mean subexec?")]
    [TestCase("frobnicate", null)]
    [TestCase("x", null)]
    public void The_nearest_word_is_suggested(string word, string? suggestion)
    {
        Assert.That(Suggestion.For(word, ["pub", "sub", "subexec", "--limit", "lock"]), Is.EqualTo(suggestion));
    }

    [Test]
    public void A_failure_for_people_goes_to_stderr_with_its_fixes()
    {
        Human().Write(new Failure("No", "try this", "or that") { Details = "because" });

        Assert.That(TextOf(_stderr), Is.EqualTo("✗ Error: No\nDetails:\n  because\nHow to fix:\n  → try this\n  → or that\n"));
        Assert.That(_stdout.Length, Is.Zero);
    }

    [Test]
    public void Long_values_wrap_between_words_below_their_beginning()
    {
        Human().Write(new Success("Done") { Data = json => json.WriteString("text"u8, string.Join(' ', Enumerable.Repeat("word", 20))) });

        var lines = TextOf(_stdout).Split('\n').Where(line => line.Contains("word", StringComparison.Ordinal)).ToArray();
        Assert.That(lines, Has.Length.EqualTo(2).And.All.Length.LessThanOrEqualTo(80));
        Assert.That(lines[1], Does.StartWith("         word"));
    }

    [Test]
    public void Text_from_strangers_cannot_control_the_terminal()
    {
        Human().Write(new Failure("evil \e[2J\u009b5m title\a", "fix"));

        Assert.That(TextOf(_stderr), Does.StartWith("✗ Error: evil \uFFFD[2J\uFFFD5m title\uFFFD\n"));
    }

    [Test]
    public void A_success_for_programs_is_one_pretty_object()
    {
        Json().Write(new Success("Grüße <b>") { Data = json => json.WriteString("a"u8, "it's"), NextSteps = ["go"] });

        Assert.That(TextOf(_stdout), Is.EqualTo("""
            {
              "status": "success",
              "message": "Grüße <b>",
              "data": {
                "a": "it's"
              },
              "nextSteps": [
                "go"
              ]
            }

            """));
    }

    [Test]
    public void A_failure_for_programs_names_its_fixes()
    {
        Json().Write(new Failure("No", "try this"));

        Assert.That(TextOf(_stderr), Is.EqualTo("""
            {
              "status": "error",
              "error": "No",
              "fixes": [
                "try this"
              ]
            }

            """));
    }

    [TestCase("NO_COLOR", "1", false)]
    [TestCase("CLAW_NO_COLOR", "1", false)]
    [TestCase("FORCE_COLOR", "0", false)]
    [TestCase("TERM", "dumb", false)]
    [TestCase("TERM", "xterm", true)]
    [TestCase("CI", "true", false)]
    [TestCase("NO_COLOR", "", true)]
    public void The_environment_can_switch_colours_off(string name, string value, bool allowed)
    {
        Assert.That(TextStyle.ColoursAllowed(asked => asked == name ? value : null), Is.EqualTo(allowed));
    }

    private static string TextOf(MemoryStream stream) => Encoding.UTF8.GetString(stream.ToArray());

    private static void WriteChannel(Utf8JsonWriter json, string channel, string description, DateTimeOffset updatedAt, bool hasSchema)
    {
        json.WriteStartObject();
        json.WriteString("channel"u8, channel);
        json.WriteString("description"u8, description);
        json.WritePropertyName("schema"u8);
        json.WriteRawValue(hasSchema ? """{"type":"object"}""" : "null");
        json.WriteNumber("updatedAt"u8, updatedAt.ToUnixTimeMilliseconds());
        json.WriteEndObject();
    }

    private HumanOutput Human(int width, DateTimeOffset now)
    {
        var time = new ManualTimeProvider();
        time.Advance(now - time.GetUtcNow());
        return new(new OutputStreams(_stdout, _stderr), new TextStyle(colours: false, width), time);
    }

    private HumanOutput Human() => new(new OutputStreams(_stdout, _stderr), new TextStyle(colours: false, width: 200));

    private JsonOutput Json() => new(new OutputStreams(_stdout, _stderr));
}
