using System.Text.Json.Nodes;

namespace Grid.Interfaces.Processings;

/// <summary>A processing that producers may launch: what it takes, what it makes and which parameters it knows (Entrepôt API, entity "processing").</summary>
public sealed record ProcessingDefinition
{
    /// <summary>The id under which clients with fixed settings look it up.</summary>
    public required Guid Id { get; init; }

    /// <summary>The name by which the official SDK looks it up, to the letter.</summary>
    public required string Name { get; init; }

    /// <summary>Other names in use for the same work; a name filter that names one finds this processing, shown under that name.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    public required string Description { get; init; }

    /// <summary>Types of uploads taken as input.</summary>
    public IReadOnlyList<string> InputUploadTypes { get; init; } = [];

    /// <summary>How many uploads an execution takes, least and most.</summary>
    public (int Least, int Most) Uploads { get; init; } = (1, 1000);

    /// <summary>Types of stored data taken as input.</summary>
    public IReadOnlyList<string> InputStoredDataTypes { get; init; } = [];

    /// <summary>How many stored data an execution takes, least and most.</summary>
    public (int Least, int Most) StoredData { get; init; } = (0, 0);

    /// <summary>Whether an execution takes uploads or stored data, one of the two.</summary>
    public bool TakesEitherInput { get; init; }

    /// <summary>Type of the stored data made.</summary>
    public required string OutputStoredDataType { get; init; }

    /// <summary>Kinds of storage that can hold the output; the installation has one of them.</summary>
    public required IReadOnlyList<string> OutputStorageTypes { get; init; }

    public IReadOnlyList<ProcessingParameter> Parameters { get; init; } = [];

    /// <summary>Names of the checks that an input upload must have passed.</summary>
    public IReadOnlyList<string> RequiredChecks { get; init; } = [];

    /// <summary>Whether slabs of the input pyramids are taken over as they are, as far as they can be: merges and copies.</summary>
    public bool TakesOverPyramids { get; init; }

    /// <summary>True when <paramref name="name"/> is the name or one of the aliases, whatever the case.</summary>
    public bool IsNamed(string name) =>
        Name.Equals(name, StringComparison.OrdinalIgnoreCase) || Aliases.Contains(name, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A parameter of a processing.</summary>
/// <param name="Default">The value taken when it is not given; null when there is none.</param>
/// <param name="Constraints">A JSON schema of the value, in the subset that <see cref="ParameterConstraints"/> checks.</param>
public sealed record ProcessingParameter(
    string Name, string Description, JsonObject Constraints, bool Mandatory = false, JsonNode? Default = null);
