using Microsoft.Win32.SafeHandles;

namespace ClawEvents.Cli.Commands;

/// <summary>The process's stdin as a source of data.</summary>
internal static class StandardInput
{
    private const int HandleNumber = 0;

    /// <summary>Whether stdin is a pipe or a file, and so probably holds data to send.</summary>
    /// <remarks>A terminal would wait for typing, and a service's socket or <c>/dev/null</c> is not meant as data. An inherited
    /// pipe looks the same as one with data to come; nothing can tell them apart.</remarks>
    public static bool IsPipeOrFile()
    {
        if (!Console.IsInputRedirected)
        {
            return false;
        }
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }
        if (IsNotInherited())
        {
            return false;
        }
        var target = Target();
        return target.StartsWith("pipe:", StringComparison.Ordinal)
            || (target.StartsWith('/') && !target.StartsWith("/dev/", StringComparison.Ordinal));
    }

    /// <summary>Whether stdin is a socket, as some programs give their children: it may hold data to send, or stay open for ever.</summary>
    public static bool IsSocket() => OperatingSystem.IsLinux() && !IsNotInherited() && Target().StartsWith("socket:", StringComparison.Ordinal);

    /// <summary>Everything until the end of stdin, or null if it is more than <paramref name="maxBytes"/>.</summary>
    /// <exception cref="IOException">It cannot be read, for example because it is a folder.</exception>
    public static byte[]? ReadAll(int maxBytes)
    {
        if (OperatingSystem.IsLinux() && IsNotInherited())
        {
            throw new IOException("it is closed");
        }
        using var handle = new SafeFileHandle(HandleNumber, ownsHandle: false);
        using var input = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        using var collected = new MemoryStream();
        var chunk = new byte[64 * 1024];
        int read;
        while ((read = input.Read(chunk)) > 0)
        {
            if (collected.Length + read > maxBytes)
            {
                return null;
            }
            collected.Write(chunk, 0, read);
        }
        return collected.ToArray();
    }

    // pipe:[1234], socket:[1234], or a path: of a file, a named pipe or a device.
    private static string Target() => new FileInfo("/proc/self/fd/0").LinkTarget ?? "";

    // If the process was started with stdin closed, the runtime's first own file gets its number. Files that the runtime
    // opens are closed on exec; an inherited file never is.
    private static bool IsNotInherited()
    {
        const int CloseOnExec = 0x80000;
        var flags = File.ReadLines("/proc/self/fdinfo/0").FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal));
        return flags is not null && (Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & CloseOnExec) != 0;
    }
}
