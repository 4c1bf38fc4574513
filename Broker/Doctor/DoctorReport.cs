using System.Text.Json;

namespace ClawEvents.Broker.Doctor;

/// <summary>Prints findings: a line for each and one that counts them, or JSON.</summary>
internal static class DoctorReport
{
    /// <summary>1 if there is a fault; warnings leave it 0.</summary>
    public static int ExitCode(IEnumerable<Finding> findings) => findings.Any(finding => finding.Verdict is Verdict.Fault) ? 1 : 0;

    public static void Print(TextWriter output, IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings)
        {
            var advice = finding.Advice.Length == 0 ? "" : $". To do: {finding.Advice}";
            output.WriteLine($"{NameOf(finding.Verdict),-8} {finding.Check}: {finding.Text.ReplaceLineEndings(" ")}{advice}");
        }

        output.WriteLine($"{Count(findings, Verdict.Fault)} faults, {Count(findings, Verdict.Warning)} warnings, {Count(findings, Verdict.Ok)} ok, {Count(findings, Verdict.Skipped)} skipped");
    }

    public static void PrintJson(Stream output, IReadOnlyList<Finding> findings)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("verdict", NameOf(findings.Select(finding => finding.Verdict).Where(verdict => verdict is not Verdict.Skipped).DefaultIfEmpty().Max()));
        json.WriteStartArray("checks");
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("check", finding.Check);
            json.WriteString("verdict", NameOf(finding.Verdict));
            json.WriteString("text", finding.Text);
            json.WriteString("advice", finding.Advice);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static int Count(IEnumerable<Finding> findings, Verdict verdict) => findings.Count(finding => finding.Verdict == verdict);

    private static string NameOf(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Skipped => "skipped",
        Verdict.Warning => "warning",
        _ => "fault",
    };
}
