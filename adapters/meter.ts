import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { datasetDimension, type MetricName, metrics } from '../core/metrics.ts';
import { type Meter, noMeter } from '../ports/meter.ts';

/**
 * Writes metrics to the function's log, each call as one line of the embedded metric format; CloudWatch makes metrics of it. Whatever the
 * log level is: alarms depend on them.
 * @param namespace undefined where the installation does without these metrics
 */
export function createMeter(namespace: string | undefined): Meter {
  if (namespace === undefined || namespace === '') return noMeter;
  const emf = new Metrics({ namespace });
  emf.clearDefaultDimensions(); // `service` is in every name already, and alarms would have to repeat it
  return {
    emit(values, dataset) {
      try {
        for (const [name, value] of Object.entries(values)) {
          if (Number.isFinite(value))
            emf.addMetric(name, MetricUnit[metrics[name as MetricName].unit], value);
        }
        if (!emf.hasStoredMetrics()) return;
        emf.addDimensions(dataset === undefined ? {} : { [datasetDimension]: dataset });
        emf.publishStoredMetrics();
      } catch (fault) {
        // What was done is done: a metric that can't be written must not make anybody do it again.
        process.stderr.write(`${JSON.stringify({ level: 'WARN', message: String(fault) })}\n`);
        emf.clearMetrics();
        emf.clearDimensions();
      }
    },
  };
}
