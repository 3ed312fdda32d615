using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Grid.Silo.Operations;

/// <summary>Lets a process report to the operators' grain.</summary>
public static class OperationsServices
{
    /// <summary>Adds it, once engine and telemetry are added.</summary>
    public static IServiceCollection AddOperations(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddHostedService<ProcessReporter>();
    }
}
