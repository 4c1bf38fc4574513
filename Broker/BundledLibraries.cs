using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using ClawEvents.Broker.Transport;
using Microsoft.Win32.SafeHandles;
using NSec.Cryptography;
using SQLitePCL;

namespace ClawEvents.Broker;

/// <summary>Loads SQLite and libsodium out of the published broker, whose file contains both. Other builds have them beside the program.</summary>
internal static class BundledLibraries
{
    private static readonly Assembly Program = typeof(BundledLibraries).Assembly;
    private static readonly ConcurrentDictionary<string, Lazy<nint>> Loaded = new(StringComparer.Ordinal);

    /// <summary>Call it before anything uses one of them.</summary>
    public static void Register()
    {
        if (Program.GetManifestResourceNames().Length > 0)
        {
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Find);
            NativeLibrary.SetDllImportResolver(typeof(SignatureAlgorithm).Assembly, Find);
        }
    }

    // Zero leads to the usual search: beside the program, then where the system has its libraries.
    private static nint Find(string name, Assembly caller, DllImportSearchPath? path) => Loaded.GetOrAdd(name, _ => new(() => Load(name))).Value;

    private static nint Load(string name)
    {
        var file = $"{(name.StartsWith("lib", StringComparison.Ordinal) ? "" : "lib")}{name}.so";
        using var library = Program.GetManifestResourceStream(file);
        return library is null ? 0 : Load(library, file);
    }

    // A file in memory: it needs no folder that can be written to, and nobody else can change it.
    private static nint Load(Stream library, string file)
    {
        var descriptor = MakeMemoryFile(file, Native.MemoryCloseOnExec | Native.MemoryExecutable);
        if (descriptor < 0)
        {
            // Linux before 6.3 does not know the second flag, and needs none.
            descriptor = MakeMemoryFile(file, Native.MemoryCloseOnExec);
        }

        if (descriptor < 0)
        {
            return 0;
        }

        using (var memory = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write))
        {
            library.CopyTo(memory);
        }

        // It stays open: the loader takes a second library of the same name for the first.
        return NativeLibrary.TryLoad($"/proc/self/fd/{descriptor}", out var handle) ? handle : 0;
    }

    private static unsafe int MakeMemoryFile(string name, uint flags)
    {
        fixed (byte* start = Encoding.ASCII.GetBytes($"{name}\0"))
        {
            return Native.MakeMemoryFile(start, flags);
        }
    }
}
