using System.Text;
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

    private HumanOutput Human() => new(new OutputStreams(_stdout, _stderr), new TextStyle(colours: false, width: 200));

    private JsonOutput Json() => new(new OutputStreams(_stdout, _stderr));
}
