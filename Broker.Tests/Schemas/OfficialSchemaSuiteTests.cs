extern alias broker;

using System.Text;
using System.Text.Json;
using broker::ClawEvents.Broker.Schemas;

namespace ClawEvents.Broker.Tests.Schemas;

/// <summary>The required cases of the official Draft 7 suite, as Debian packages it.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class OfficialSchemaSuiteTests
{
    private const string Folder = "/usr/share/json-schema-test-suite/tests/draft7";

    /// <summary>Groups whose schema refers to another document, which the broker must not read for a stranger's schema.</summary>
    private static readonly HashSet<string> NeedAnotherDocument =
    [
        // Of http://json-schema.org: the meta-schema.
        "definitions: valid definition",
        "definitions: invalid definition",
        "ref: remote ref, containing refs itself",
        // Of http://localhost:1234: the suite's own server.
        "refRemote: remote ref",
        "refRemote: fragment within remote ref",
        "refRemote: ref within remote ref",
        "refRemote: base URI change",
        "refRemote: base URI change - change folder",
        "refRemote: base URI change - change folder in subschema",
        "refRemote: root ref in remote ref",
    ];

    private static IEnumerable<TestCaseData> Cases =>
        from testCase in AllCases()
        where !NeedAnotherDocument.Contains(testCase.Group)
        select new TestCaseData(testCase.Schema, testCase.Data, testCase.IsValid).SetArgDisplayNames(testCase.Group, testCase.Name);

    private static IEnumerable<TestCaseData> CasesThatNeedAnotherDocument =>
        from testCase in AllCases()
        where NeedAnotherDocument.Contains(testCase.Group)
        select new TestCaseData(testCase.Schema, testCase.Data).SetArgDisplayNames(testCase.Group, testCase.Name);

    [Test]
    public void The_suite_is_installed() =>
        Assert.That(Directory.Exists(Folder), Is.True, "The official suite is missing: apt-get install json-schema-test-suite");

    [Test]
    public void Every_exception_is_a_group_of_the_suite() =>
        Assert.That(NeedAnotherDocument.Except(AllCases().Select(testCase => testCase.Group)), Is.Empty);

    [TestCaseSource(nameof(Cases))]
    public void A_required_case_gives_the_result_of_the_suite(string schema, string data, bool isValid)
    {
        var errors = ChannelSchema.Compile(Encoding.UTF8.GetBytes(schema)).Validate(Encoding.UTF8.GetBytes(data));

        Assert.That(errors, isValid ? Is.Empty : Is.Not.Empty);
    }

    [TestCaseSource(nameof(CasesThatNeedAnotherDocument))]
    public void A_case_that_needs_another_document_says_which(string schema, string data)
    {
        var errors = ChannelSchema.Compile(Encoding.UTF8.GetBytes(schema)).Validate(Encoding.UTF8.GetBytes(data));

        Assert.That(errors, Has.Count.EqualTo(1));
        Assert.That(errors[0].Message, Does.StartWith("The advertised schema cannot be used: $ref \""));
    }

    private static IEnumerable<(string Group, string Name, string Schema, string Data, bool IsValid)> AllCases() =>
        from path in Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal) : Enumerable.Empty<string>()
        from @group in JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.EnumerateArray()
        from testCase in @group.GetProperty("tests").EnumerateArray()
        select ($"{Path.GetFileNameWithoutExtension(path)}: {@group.GetProperty("description").GetString()}",
            testCase.GetProperty("description").GetString()!,
            @group.GetProperty("schema").GetRawText(),
            testCase.GetProperty("data").GetRawText(),
            testCase.GetProperty("valid").GetBoolean());
}
