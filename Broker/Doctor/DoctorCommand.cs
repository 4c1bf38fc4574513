using System.Globalization;
using ClawEvents.Broker.Administration;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Faults;

namespace ClawEvents.Broker.Doctor;

/// <summary><c>clawevents-broker doctor</c>: examines the machine, the settings and what is around the broker. docs/reference/broker-commands.md</summary>
internal static class DoctorCommand
{
    private const int MaxWaitSeconds = 600;

    // sysexits' EX_USAGE.
    private const int WrongUsage = 64;

    /// <param name="settings">Those that the broker would run with; may have faults.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(CommandArguments arguments, StartupSettings settings)
    {
        if (Read(arguments, settings, out var fault) is not { } examination)
        {
            ErrorOutput.Write([$"doctor: {fault}"]);
            return WrongUsage;
        }

        var findings = await examination.RunAsync();
        if (arguments.Has("json"))
        {
            using var output = Console.OpenStandardOutput();
            DoctorReport.PrintJson(output, findings);
            output.WriteByte((byte)'\n');
        }
        else
        {
            DoctorReport.Print(Console.Out, findings);
        }

        return DoctorReport.ExitCode(findings);
    }

    private static Examination? Read(CommandArguments arguments, StartupSettings settings, out string fault)
    {
        fault = "";
        var machine = arguments.Value("pid") is { } pid ? new Machine(Process: pid) : new Machine();
        Uri? url = null;
        if (!int.TryParse(arguments.Value("wait") ?? "60", NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is < 1 or > MaxWaitSeconds)
        {
            fault = $"--wait takes seconds, from 1 to {MaxWaitSeconds}";
        }
        else if (arguments.Value("pid") is { } number && !(int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _) && machine.HasProcess))
        {
            fault = $"--pid: there is no process '{number}'";
        }
        else if (arguments.Value("url") is { } text && !(Uri.TryCreate(text, UriKind.Absolute, out url) && url.Scheme is "http" or "https"))
        {
            fault = $"--url: '{text}' is not an http or https address; example: --url https://events.example.com";
        }
        else if (arguments.Rest.Find(argument => !argument.StartsWith("--", StringComparison.Ordinal)) is { } stray)
        {
            fault = $"unexpected argument '{stray}'";
        }

        return fault.Length > 0 ? null : new Examination(settings, machine) { Url = url, Token = arguments.Value("token"), Wait = TimeSpan.FromSeconds(seconds) };
    }
}
